use std::sync::Arc;

use crate::{Diagnostic, Library, Scenario};

/// The tree of what to run: its root is power-on, each node a scenario that starts where its parent ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The scenarios that start at power-on, in the order they were asked for.
    pub roots: Vec<PlanNode>,
}

/// A scenario in the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanNode {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Whether it was asked for, or is only on the way to one that was.
    pub requested: bool,
    /// Those that start where it ends.
    pub next: Vec<PlanNode>,
}

/// The way from power-on to a requested scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The scenarios in the order they run; the last is the one that is judged. Never empty.
    pub stages: Vec<Arc<Scenario>>,
}

impl Plan {
    /// Plans the requested scenarios; none requested means all.
    ///
    /// # Errors
    /// Every unknown name, every cycle of `after`, every `after` that leads nowhere or to another image or machine.
    pub fn new(library: &Library, requested: &[String]) -> Result<Self, Vec<Diagnostic>> {
        let _ = (library, requested);
        todo!()
    }

    /// The requested scenarios, parents first, each with its way from power-on.
    pub fn chains(&self) -> Vec<Chain> {
        todo!()
    }
}

impl Chain {
    /// The image its scenarios name.
    pub fn image(&self) -> Option<&str> {
        todo!()
    }

    /// The machine its scenarios name.
    pub fn machine(&self) -> Option<&str> {
        todo!()
    }
}
