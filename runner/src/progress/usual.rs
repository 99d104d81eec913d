//! The usual times of the scenarios of this run and of their steps, from earlier runs.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use reports::console::plain_line;
use reports::{ScenarioInfo, human_duration, is_slow};

use crate::history::{Cell, History, Patience, StepKey};
use crate::millis::millis;

/// The number of earlier results that tell what is usual.
const USUAL_OF: usize = 20;

/// A step that has usual times only of its deadline is slow after this time at least. Short steps vary by chance.
const WORTH_TELLING: Duration = Duration::from_secs(2);

/// The usual times of the scenarios of a run, by their names in the run.
#[derive(Debug, Default)]
pub(super) struct Usual {
    scenarios: HashMap<String, Known>,
}

/// The usual times of a scenario.
#[derive(Debug, Default)]
struct Known {
    /// The usual time of an attempt.
    duration: Option<Duration>,
    /// The longest of the usual times of each step, in milliseconds.
    longest_ms: HashMap<StepKey, u64>,
}

/// Says why a step counts as slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slow {
    /// It took much longer than the longest time of earlier runs, in milliseconds.
    ThanUsual(u64),
    /// Nothing is known of earlier runs, and over half of the time until its deadline has passed.
    OverHalf,
}

impl Usual {
    /// Reads the usual times from the history of a results folder. This may take seconds if there are many. Nothing is
    /// known if there is no history, or it cannot be used: no verdict depends on it.
    pub(super) fn read(results: &Path, scenarios: &[ScenarioInfo]) -> Self {
        if !History::file(results).exists() {
            return Self::default();
        }
        let Ok(history) = History::open(results, Patience::EndOfRun) else {
            return Self::default();
        };
        let known = scenarios.iter().filter_map(|info| {
            let usual = history.usual(&Cell::of(info), USUAL_OF).ok()?;
            let steps = usual.steps.into_iter();
            let known = Known {
                duration: usual.duration,
                longest_ms: steps
                    .filter_map(|(step, times)| Some((step, times.longest_ms()?)))
                    .collect(),
            };
            Some((info.name.clone(), known))
        });
        Self {
            scenarios: known.collect(),
        }
    }

    /// Returns the usual time of an attempt at a scenario; none if it is not known.
    pub(super) fn duration(&self, scenario: &str) -> Option<Duration> {
        self.scenarios.get(scenario)?.duration
    }

    /// Returns the longest of the usual times of a step, in milliseconds; none if they are not known.
    pub(super) fn longest_ms(
        &self,
        scenario: &str,
        stage: &str,
        step: &str,
        text: &str,
    ) -> Option<u64> {
        let key = StepKey {
            stage: stage.to_owned(),
            id: step.to_owned(),
            text: plain_line(text),
        };
        let known = self.scenarios.get(scenario)?;
        known.longest_ms.get(&key).copied()
    }

    /// Sets the usual time of an attempt.
    #[cfg(test)]
    pub(super) fn set_duration(&mut self, scenario: &str, duration: Duration) {
        let known = self.scenarios.entry(scenario.to_owned()).or_default();
        known.duration = Some(duration);
    }

    /// Sets the longest usual time of a step of the scenario itself.
    #[cfg(test)]
    pub(super) fn set_step(&mut self, scenario: &str, step: &str, text: &str, longest_ms: u64) {
        let key = StepKey {
            stage: scenario.to_owned(),
            id: step.to_owned(),
            text: text.to_owned(),
        };
        let known = self.scenarios.entry(scenario.to_owned()).or_default();
        known.longest_ms.insert(key, longest_ms);
    }
}

impl Slow {
    /// Judges the time that a step has taken so far. `usual_ms` is the longest of its usual times.
    pub(super) fn of(
        taken: Duration,
        usual_ms: Option<u64>,
        deadline: Option<Duration>,
    ) -> Option<Self> {
        match (usual_ms, deadline) {
            (Some(longest), _) => {
                is_slow(millis(taken), longest).then_some(Self::ThanUsual(longest))
            }
            (None, Some(deadline)) if taken >= WORTH_TELLING && taken > deadline / 2 => {
                Some(Self::OverHalf)
            }
            (None, Some(_) | None) => None,
        }
    }

    /// Returns the mark behind the time of a step.
    pub(super) fn text(self) -> String {
        match self {
            Self::ThanUsual(longest) => format!("slow, usually up to {}", human_duration(longest)),
            Self::OverHalf => "slow, over half of its time".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_slow_by_its_usual_times_or_else_by_its_deadline() {
        let seconds = Duration::from_secs;
        for (taken, usual_ms, deadline, expected) in [
            (12, Some(6_000), Some(13), Some(Slow::ThanUsual(6_000))),
            (12, Some(6_000), None, Some(Slow::ThanUsual(6_000))),
            (11, Some(6_000), Some(13), None),
            (31, None, Some(60), Some(Slow::OverHalf)),
            (30, None, Some(60), None),
            (1, None, Some(1), None),
            (9_999, None, None, None),
        ] {
            let slow = Slow::of(seconds(taken), usual_ms, deadline.map(seconds));
            assert_eq!(slow, expected, "{taken} {usual_ms:?} {deadline:?}");
        }
        assert_eq!(Slow::ThanUsual(6_000).text(), "slow, usually up to 6s");
    }

    #[test]
    fn without_a_history_nothing_is_usual_and_none_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let usual = Usual::read(folder.path(), &[]);
        assert_eq!(usual.duration("login"), None);
        assert_eq!(usual.longest_ms("login", "login", "1", "see x"), None);
        assert!(!History::file(folder.path()).exists());
    }
}
