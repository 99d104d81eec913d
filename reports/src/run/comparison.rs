//! Compares several attempts at one scenario: their verdicts, and the steps that varied.

use super::attempt::{Attempt, StageEntry, Step};
use super::scenario::Scenario;
use crate::log::{StepOutcome, Verdict};

/// The most attempts of which a report shows all.
const FEW: usize = 10;

/// If there are more than [`FEW`] attempts, this many of each group are shown: enough to see their common parts.
const OF_EQUALS: usize = 3;

/// A smaller difference between durations is noise.
const WORTH_TELLING_MS: u64 = 100;

/// The fewest durations that have a meaningful median.
const ENOUGH: usize = 3;

/// The most steps that are listed as varying.
const SLOWEST_VARYING: usize = 5;

/// The comparison of the attempts at a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison<'r> {
    /// Groups of attempts with the same result, in the order of the first attempt of each.
    pub groups: Vec<Equals<'r>>,
    /// Steps whose outcome varied, in the order of the scenario.
    pub varied: Vec<Varied<'r>>,
    /// The steps whose durations differed most when they held, the widest first. Only steps that held several times are
    /// among them.
    pub spreads: Vec<Spread<'r>>,
}

/// Attempts with the same verdict that ended at the same step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equals<'r> {
    /// Their verdict.
    pub verdict: Verdict,
    /// The step that decided; none where every step held, or no step is to blame.
    pub ended_at: Option<StepName<'r>>,
    /// Their places in [`Scenario::attempts`], in order.
    pub attempts: Vec<usize>,
    /// The times that they took.
    pub durations: Durations,
}

/// Names a step over all attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepName<'r> {
    /// The scenario it is written in.
    pub stage: &'r str,
    /// Place in the stage.
    pub id: &'r str,
    /// One line for people, as the first attempt has it.
    pub text: &'r str,
}

/// A step whose outcome varied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Varied<'r> {
    /// The step.
    pub step: StepName<'r>,
    /// The number of each outcome, the most frequent first. The outcome is none if the log stops before its end.
    pub outcomes: Vec<(Option<StepOutcome>, usize)>,
}

/// The variation of the duration of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread<'r> {
    /// The step.
    pub step: StepName<'r>,
    /// The times that it took.
    pub durations: Durations,
}

/// Shortest, middle and longest of some durations, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durations {
    /// The shortest.
    pub min_ms: u64,
    /// The median; for an even number of durations, the mean of the two in the middle.
    pub median_ms: u64,
    /// The longest.
    pub max_ms: u64,
}

impl<'r> Comparison<'r> {
    /// Compares the attempts at a scenario; none if there is only one.
    pub fn of(scenario: &'r Scenario) -> Option<Self> {
        if scenario.attempts.len() < 2 {
            return None;
        }
        let steps = steps(&scenario.attempts);
        Some(Self {
            groups: groups(&scenario.attempts),
            varied: steps.iter().filter_map(StepRuns::varied).collect(),
            spreads: spreads(&steps),
        })
    }

    /// Returns the places of the attempts that a report should show step by step, in order: all, or some of each group
    /// if there are many.
    pub fn worth_showing(&self) -> Vec<usize> {
        let count: usize = self.groups.iter().map(|group| group.attempts.len()).sum();
        let of_each = if count > FEW { OF_EQUALS } else { FEW };
        let mut places: Vec<usize> = self
            .groups
            .iter()
            .flat_map(|group| group.attempts.iter().take(of_each).copied())
            .collect();
        places.sort_unstable();
        places
    }
}

impl Durations {
    /// Returns the durations in short; none if there is no duration.
    pub fn of(durations: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut sorted: Vec<u64> = durations.into_iter().collect();
        sorted.sort_unstable();
        let (min_ms, max_ms) = (*sorted.first()?, *sorted.last()?);
        let upper = sorted[sorted.len() / 2];
        let lower = sorted[(sorted.len() - 1) / 2];
        Some(Self {
            min_ms,
            median_ms: lower.midpoint(upper),
            max_ms,
        })
    }
}

fn groups(attempts: &[Attempt]) -> Vec<Equals<'_>> {
    let mut groups: Vec<Equals<'_>> = Vec::new();
    for (place, attempt) in attempts.iter().enumerate() {
        let ended_at = ended_at(attempt);
        let same = groups.iter_mut().find(|group| {
            let same_step = match (group.ended_at, ended_at) {
                (Some(one), Some(other)) => one.is(other),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            same_step && group.verdict == attempt.verdict
        });
        match same {
            Some(group) => group.attempts.push(place),
            None => groups.push(Equals {
                verdict: attempt.verdict,
                ended_at,
                attempts: vec![place],
                durations: Durations {
                    min_ms: attempt.duration_ms,
                    median_ms: attempt.duration_ms,
                    max_ms: attempt.duration_ms,
                },
            }),
        }
    }
    for group in &mut groups {
        let durations = group
            .attempts
            .iter()
            .map(|place| attempts[*place].duration_ms);
        if let Some(durations) = Durations::of(durations) {
            group.durations = durations;
        }
    }
    groups
}

/// The step that decided an attempt.
pub(crate) fn ended_at(attempt: &Attempt) -> Option<StepName<'_>> {
    let decisive = attempt.decisive_step()?;
    named_steps(attempt)
        .find(|(_, step)| std::ptr::eq(*step, decisive))
        .map(|(name, _)| name)
}

fn named_steps(attempt: &Attempt) -> impl Iterator<Item = (StepName<'_>, &Step)> {
    attempt.stages.iter().flat_map(|stage| {
        stage.entries.iter().filter_map(|entry| match entry {
            StageEntry::Step(step) => {
                let name = StepName {
                    stage: &stage.name,
                    id: &step.id,
                    text: &step.text,
                };
                Some((name, step.as_ref()))
            }
            StageEntry::Remark { .. } => None,
        })
    })
}

impl StepName<'_> {
    /// Returns true if both name the same step. The text may differ, as it may contain captured values.
    fn is(self, other: StepName<'_>) -> bool {
        (self.stage, self.id) == (other.stage, other.id)
    }
}

/// A step in all attempts that reached it.
struct StepRuns<'r> {
    name: StepName<'r>,
    /// The attempt, and the step as it ended there last: a `retry` may have run it several times.
    runs: Vec<(usize, &'r Step)>,
}

/// Every step that is no group, in the order of the first attempt that has it.
fn steps(attempts: &[Attempt]) -> Vec<StepRuns<'_>> {
    let mut steps: Vec<StepRuns<'_>> = Vec::new();
    for (place, attempt) in attempts.iter().enumerate() {
        // The steps of all attempts have nearly the same order, so the search begins after the last one found.
        let mut next = 0;
        for (name, step) in named_steps(attempt).filter(|(_, step)| !step.is_group) {
            let found = (next..steps.len())
                .chain(0..next.min(steps.len()))
                .find(|index| steps[*index].name.is(name));
            match found {
                Some(index) => {
                    let runs = &mut steps[index].runs;
                    runs.pop_if(|(last, _)| *last == place);
                    runs.push((place, step));
                    next = index + 1;
                }
                None => {
                    next = next.min(steps.len());
                    steps.insert(
                        next,
                        StepRuns {
                            name,
                            runs: vec![(place, step)],
                        },
                    );
                    next += 1;
                }
            }
        }
    }
    steps
}

impl<'r> StepRuns<'r> {
    fn varied(&self) -> Option<Varied<'r>> {
        let mut outcomes: Vec<(Option<StepOutcome>, usize)> = Vec::new();
        for (_, step) in &self.runs {
            match outcomes
                .iter_mut()
                .find(|(outcome, _)| *outcome == step.outcome)
            {
                Some((_, count)) => *count += 1,
                None => outcomes.push((step.outcome, 1)),
            }
        }
        if outcomes.len() < 2 {
            return None;
        }
        outcomes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Some(Varied {
            step: self.name,
            outcomes,
        })
    }

    fn durations(&self) -> Option<Durations> {
        let held = self
            .runs
            .iter()
            .filter(|(_, step)| step.outcome == Some(StepOutcome::Passed));
        let durations: Vec<u64> = held.map(|(_, step)| step.duration_ms).collect();
        if durations.len() < ENOUGH {
            return None;
        }
        Durations::of(durations)
    }
}

fn spreads<'r>(steps: &[StepRuns<'r>]) -> Vec<Spread<'r>> {
    let mut spreads: Vec<Spread<'r>> = steps
        .iter()
        .filter_map(|step| {
            Some(Spread {
                step: step.name,
                durations: step.durations()?,
            })
        })
        .filter(|spread| spread.durations.width_ms() >= WORTH_TELLING_MS)
        .collect();
    spreads.sort_by_key(|spread| std::cmp::Reverse(spread.durations.width_ms()));
    spreads.truncate(SLOWEST_VARYING);
    spreads
}

impl Durations {
    /// From the shortest to the longest.
    pub fn width_ms(self) -> u64 {
        self.max_ms - self.min_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let of = |durations: &[u64]| {
            Durations::of(durations.iter().copied())
                .map(|found| (found.min_ms, found.median_ms, found.max_ms))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some((7, 7, 7)));
        assert_eq!(of(&[9, 1]), Some((1, 5, 9)));
        assert_eq!(of(&[9, 1, 2]), Some((1, 2, 9)));
        assert_eq!(of(&[u64::MAX, 0, u64::MAX]), Some((0, u64::MAX, u64::MAX)));
    }
}
