use std::collections::BTreeSet;

use crate::plan::PlannedStep;

/// Names of variables that steps may have set before: what a chain of stages hands from each to the next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assigned(BTreeSet<String>);

impl Assigned {
    /// None: at power-on.
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
