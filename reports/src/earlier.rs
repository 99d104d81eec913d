//! Knowledge of earlier runs about the scenarios of a run: their last good run, and their last results.

use std::collections::HashMap;

use crate::against::Baselines;
use crate::log::Verdict;
use crate::run::Scenario;

/// Knowledge of earlier runs about the scenarios of a run.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// The run in which each scenario that did not hold held last.
    pub baselines: Baselines,
    /// The last results of each scenario.
    pub past: Past,
}

/// The last results of the scenarios of a run, before this run.
#[derive(Debug, Clone, Default)]
pub struct Past(HashMap<String, Vec<PastResult>>);

/// The result of a scenario in an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastResult {
    /// The folder of that run, seen from the folder of this run: `../20261129-020304`.
    pub folder: String,
    /// The name of that run.
    pub run: String,
    /// Its verdict in that run.
    pub verdict: Verdict,
    /// The time that it took, in milliseconds.
    pub duration_ms: u64,
    /// True if it began where the scenario began in this run, so that both times can be compared.
    pub began_alike: bool,
}

impl Past {
    /// Sets the last results of the scenario with this name, the oldest first.
    pub fn insert(&mut self, scenario: &str, oldest_first: Vec<PastResult>) {
        self.0.insert(scenario.to_owned(), oldest_first);
    }

    /// Returns the last results of a scenario, the oldest first.
    pub fn of(&self, scenario: &Scenario) -> &[PastResult] {
        self.0
            .get(&scenario.info.name)
            .map_or(&[], |results| results.as_slice())
    }
}
