//! The run in which a scenario held, which another run is compared with.

use std::collections::HashMap;
use std::sync::Arc;

use crate::run::{Run, Scenario};

/// The baselines of the scenarios of a run.
#[derive(Debug, Clone, Default)]
pub struct Baselines(HashMap<String, Baseline>);

/// A run in which a scenario held.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// The folder of that run, seen from the folder of the run that is compared: `../20261129-020304`.
    pub folder: String,
    /// That run.
    pub run: Arc<Run>,
    /// The name of the scenario in that run.
    pub name: String,
    /// The usual times of its steps; empty if they are not known.
    pub usual: Vec<UsualTime>,
}

/// The times that a step took in earlier runs in which it passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsualTime {
    /// Name of the scenario that the step is written in.
    pub stage: String,
    /// Its place in the stage: `3`, or `3.1` inside a group.
    pub step: String,
    /// Its text.
    pub text: String,
    /// The shortest time, in milliseconds.
    pub min_ms: u64,
    /// The middle one.
    pub median_ms: u64,
    /// The longest.
    pub max_ms: u64,
    /// The number of runs.
    pub runs: usize,
}

impl Baselines {
    /// Sets the baseline of the scenario with this name.
    pub fn insert(&mut self, scenario: &str, baseline: Baseline) {
        self.0.insert(scenario.to_owned(), baseline);
    }

    /// Returns the baseline of a scenario; none if it has none.
    pub fn of(&self, scenario: &Scenario) -> Option<&Baseline> {
        self.0.get(&scenario.info.name)
    }
}

impl Baseline {
    /// Returns the scenario in that run; none if that run has no scenario of this name.
    pub fn scenario(&self) -> Option<&Scenario> {
        let mut scenarios = self.run.scenarios.iter();
        scenarios.find(|scenario| scenario.info.name == self.name)
    }
}
