//! The policy of a run: the number of attempts, of parallel machines, and the checkpoints that may be used.

use crate::plan::Trust;

/// The policy of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The checkpoints that the first attempt may start from.
    pub trust: Trust,
    /// True if a failure from a checkpoint of an earlier run is tried again from power-on before it counts.
    pub confirm: bool,
    /// The number of retries of a scenario that did not hold.
    pub retries: u32,
    /// The number of times that a scenario is run, regardless of its verdicts.
    pub repeat: u32,
    /// True if repeating ends with the first attempt that does not hold.
    pub until_fail: bool,
    /// The number of machines that may run at once.
    pub slots: usize,
}

impl Policy {
    /// Returns whether scenarios are repeated regardless of their verdicts.
    pub(crate) fn repeats(self) -> bool {
        self.repeat > 1 || self.until_fail
    }
}
