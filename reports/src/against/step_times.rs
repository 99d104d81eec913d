//! Finds the steps that took much longer than they usually do.

use super::baseline::UsualTime;
use super::parting::{Counterparts, steps};
use crate::log::StepOutcome;
use crate::run::{Attempt, Step};

/// A step is slow if it took this many times as long as the longest usual time...
const FACTOR: u64 = 2;

/// ...and this many milliseconds longer. Short steps vary by chance.
const WORTH_TELLING_MS: u64 = 2_000;

/// A step that took much longer than it usually does.
#[derive(Debug, Clone, PartialEq)]
pub struct SlowStep<'r> {
    /// The step.
    pub step: &'r Step,
    /// Name of the scenario that it is written in.
    pub stage: &'r str,
    /// The time that it took in the run to compare with.
    pub then_ms: u64,
    /// The times of earlier runs; none if they are not known.
    pub usual: Option<UsualTime>,
}

/// Returns the steps that passed both times and were slow now, the largest difference first.
pub(super) fn slow_steps<'r>(
    now: &'r Attempt,
    then: &'r Attempt,
    usual: &[UsualTime],
) -> Vec<SlowStep<'r>> {
    let counterparts = Counterparts::of(then);
    let passed = |step: &Step| step.outcome == Some(StepOutcome::Passed) && !step.is_group;
    let mut slow: Vec<_> = steps(now)
        .filter_map(|(stage, step)| {
            let then = counterparts.find(stage, step)?;
            let usual = usual.iter().find(|usual| {
                usual.stage == stage.name && usual.step == step.id && usual.text == step.text
            });
            let slow = SlowStep {
                step,
                stage: &stage.name,
                then_ms: then.duration_ms,
                usual: usual.cloned(),
            };
            (passed(step) && passed(then) && slow.is_slow()).then_some(slow)
        })
        .collect();
    slow.sort_by_key(|slow| std::cmp::Reverse(slow.step.duration_ms.saturating_sub(slow.then_ms)));
    slow
}

impl SlowStep<'_> {
    fn is_slow(&self) -> bool {
        let longest = self.usual.as_ref().map_or(0, |usual| usual.max_ms);
        let longest = longest.max(self.then_ms);
        is_slow(self.step.duration_ms, longest)
    }
}

/// Returns true if a step that usually takes `longest_ms` at most took much longer: at least twice as long, and two
/// seconds more. Both are milliseconds.
pub fn is_slow(now_ms: u64, longest_ms: u64) -> bool {
    let more = now_ms.saturating_sub(longest_ms);
    now_ms >= longest_ms.saturating_mul(FACTOR) && more >= WORTH_TELLING_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_slow_if_it_took_twice_as_long_and_two_seconds_more() {
        for (now, longest, slow) in [
            (12_000, 6_000, true),
            (11_999, 6_000, false),
            (1_999, 0, false),
            (2_000, 0, true),
            (3_000, 1_500, false),
            (u64::MAX, u64::MAX, false),
        ] {
            assert_eq!(is_slow(now, longest), slow, "{now} {longest}");
        }
    }
}
