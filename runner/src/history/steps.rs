//! The usual times of steps, and the steps whose time changed much.

use std::collections::BTreeMap;
use std::time::Duration;

use reports::{Durations, StepOutcome};

use super::record::StepRecord;

/// The fewest earlier runs that show what is usual.
const FEWEST: usize = 3;

/// A smaller change is not told, in milliseconds.
const LEAST_CHANGE_MS: u64 = 1_000;

/// Names a step over all runs. A step with another text is another step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StepKey {
    /// The scenario in which it is written.
    pub stage: String,
    /// Place in the stage.
    pub id: String,
    /// One line for people.
    pub text: String,
}

/// The times that a step took in several runs in which it passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepTimes {
    /// Shortest, median and longest.
    pub durations: Durations,
    /// The number of runs.
    pub runs: usize,
}

/// The usual times of a cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct UsualCell {
    /// The time of an attempt; none if it has no results.
    pub duration: Option<Duration>,
    /// The times of its steps.
    pub steps: BTreeMap<StepKey, StepTimes>,
}

/// A step whose time is far from the usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangedStep {
    /// The step.
    pub step: StepRecord,
    /// Its usual times.
    pub usual: StepTimes,
}

impl StepRecord {
    /// Returns the name of the step over all runs.
    pub(crate) fn key(&self) -> StepKey {
        StepKey {
            stage: self.stage.clone(),
            id: self.id.clone(),
            text: self.text.clone(),
        }
    }
}

impl StepTimes {
    /// Returns the usual times of each step, from steps that passed, those of the newest run first. Of each step, the
    /// newest `last` count.
    pub(super) fn of_passed(
        newest_first: impl IntoIterator<Item = (StepKey, u64)>,
        last: usize,
    ) -> BTreeMap<StepKey, Self> {
        let mut durations: BTreeMap<StepKey, Vec<u64>> = BTreeMap::new();
        for (step, duration) in newest_first {
            let durations = durations.entry(step).or_default();
            if durations.len() < last {
                durations.push(duration);
            }
        }
        let times = durations.into_iter().filter_map(|(step, durations)| {
            let runs = durations.len();
            let durations = Durations::of(durations)?;
            Some((step, Self { durations, runs }))
        });
        times.collect()
    }

    /// Returns the longest time; none if there are too few runs to say what is usual.
    pub(crate) fn longest_ms(&self) -> Option<u64> {
        (self.runs >= FEWEST).then_some(self.durations.max_ms)
    }

    /// Returns true if a time is far from the usual ones: at least twice or at most half of the median, a second or
    /// more away from it, and outside of everything that was seen.
    fn is_far_from(&self, ms: u64) -> bool {
        let Durations {
            min_ms,
            median_ms,
            max_ms,
        } = self.durations;
        let is_outside = ms < min_ms || ms > max_ms;
        let is_double = ms >= median_ms.saturating_mul(2) || ms <= median_ms / 2;
        let is_large = ms.abs_diff(median_ms) >= LEAST_CHANGE_MS;
        self.runs >= FEWEST && is_outside && is_double && is_large
    }
}

/// Returns the steps of a run that took much more or much less time than usual. Only steps that passed are compared,
/// because the cause tells about the others. Of a group, its steps are compared.
pub(crate) fn changed_steps(
    steps: Vec<StepRecord>,
    usual: &BTreeMap<StepKey, StepTimes>,
) -> Vec<ChangedStep> {
    let passed = steps.into_iter().filter(|step| {
        let passed = step.outcome == Some(StepOutcome::Passed);
        passed && !step.is_group
    });
    let changed = passed.filter_map(|step| {
        let usual = *usual.get(&step.key())?;
        usual
            .is_far_from(step.duration_ms)
            .then_some(ChangedStep { step, usual })
    });
    changed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(id: &str, duration_ms: u64, outcome: StepOutcome) -> StepRecord {
        StepRecord {
            stage: "login".into(),
            id: id.into(),
            text: format!("see {id}"),
            outcome: Some(outcome),
            duration_ms,
            after_ms: None,
            is_group: false,
        }
    }

    fn usual(last: usize, of_step_one: &[u64]) -> BTreeMap<StepKey, StepTimes> {
        let key = step("1", 0, StepOutcome::Passed).key();
        let passed = of_step_one.iter().map(|ms| (key.clone(), *ms));
        StepTimes::of_passed(passed, last)
    }

    #[test]
    fn the_newest_times_count() {
        let times = usual(3, &[5, 1, 3, 900, 900]);
        let times: Vec<_> = times.values().collect();
        let durations = Durations::of([1, 3, 5]).unwrap();
        assert_eq!(times, [&StepTimes { durations, runs: 3 }]);
        assert!(usual(3, &[]).is_empty());
    }

    #[test]
    fn a_time_that_changed_much_is_told() {
        for (before, now, expected) in [
            (&[2_000, 2_100, 1_900][..], 4_300, true),
            (&[8_000, 8_000, 8_000], 3_000, true),
            // Less than twice, less than a second, seen before, too few runs.
            (&[2_000, 2_100, 1_900], 3_900, false),
            (&[100, 100, 100], 900, false),
            (&[2_000, 9_000, 2_000], 8_000, false),
            (&[2_000, 2_000], 9_000, false),
        ] {
            let now = vec![step("1", now, StepOutcome::Passed)];
            let changed = changed_steps(now.clone(), &usual(20, before));
            assert_eq!(!changed.is_empty(), expected, "{before:?} {now:?}");
        }
    }

    #[test]
    fn only_steps_that_passed_and_are_known_are_compared() {
        let usual = usual(20, &[100, 100, 100]);
        let group = StepRecord {
            is_group: true,
            ..step("1", 60_000, StepOutcome::Passed)
        };
        let now = vec![
            step("1", 60_000, StepOutcome::Failed),
            step("2", 60_000, StepOutcome::Passed),
            group,
        ];
        assert_eq!(changed_steps(now, &usual), []);
    }
}
