//! The variables whose values are not known before a step runs.

use std::collections::BTreeSet;

use crate::plan::PlannedStep;

/// The names of variables that earlier steps may have set. Each stage of a chain passes them on to the next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assigned(BTreeSet<String>);

impl Assigned {
    /// Returns an empty set, for the time of power-on.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn note(&mut self, planned: &PlannedStep) {
        let names = planned.step().action.sets();
        self.0.extend(names.into_iter().map(str::to_owned));
        planned.steps.iter().for_each(|inner| self.note(inner));
    }

    pub(super) fn names(&self) -> &BTreeSet<String> {
        &self.0
    }
}
