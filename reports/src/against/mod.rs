//! Compares a scenario with the last run in which it held: where they part, which steps took longer, and what else
//! differs.

mod baseline;
mod inputs;
mod parting;
mod step_times;

pub use baseline::{Baseline, Baselines, UsualTime};
pub use inputs::Difference;
pub use parting::Parting;
pub use step_times::{SlowStep, is_slow};

use crate::run::{Attempt, Run, Scenario};

/// A scenario beside the run in which it held.
#[derive(Debug, PartialEq)]
pub struct Against<'r> {
    /// The attempt that the verdict rests on.
    pub now: &'r Attempt,
    /// The last attempt that held, in the other run.
    pub then: &'r Attempt,
    /// The first step that ended differently; none if no step of both did.
    pub parting: Option<Parting<'r>>,
    /// The steps that took much longer than they usually do, the largest difference first.
    pub slow: Vec<SlowStep<'r>>,
    /// The differences of what both were given: image, machine, host, files.
    pub differences: Vec<Difference>,
    /// True if both logs name the files of the scenario and its needles. Otherwise nothing is known about these.
    pub names_files: bool,
}

impl<'r> Against<'r> {
    /// Compares a scenario of `run` with its baseline. Returns none if either has no attempt to compare.
    pub fn of(run: &'r Run, scenario: &'r Scenario, baseline: &'r Baseline) -> Option<Self> {
        let now = scenario.deciding_attempt()?;
        let good = baseline.scenario()?;
        let then = good.attempts.iter().rev().find(|attempt| attempt.held())?;
        Some(Self {
            now,
            then,
            parting: Parting::of(now, then),
            slow: step_times::slow_steps(now, then, &baseline.usual),
            names_files: [scenario, good]
                .iter()
                .all(|either| !either.info.inputs.is_empty()),
            differences: inputs::differences((run, scenario, now), (&baseline.run, good, then)),
        })
    }
}
