//! The policy of a run: how often, how many at once, from where.

use crate::plan::Trust;

/// How often, how many at once, from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Which checkpoints the first attempt may start from.
    pub trust: Trust,
    /// Whether a failure from a checkpoint of an earlier run is tried again from power-on before it counts.
    pub confirm: bool,
    /// How often a scenario that did not hold is tried again.
    pub retries: u32,
    /// How often a scenario is tried whatever comes of it.
    pub repeat: u32,
    /// Whether repeating ends with the first attempt that does not hold.
    pub until_fail: bool,
    /// How many machines run at once.
    pub slots: usize,
}

impl Policy {
    /// Whether attempts are made whatever comes of them.
    pub(crate) fn repeats(self) -> bool {
        self.repeat > 1 || self.until_fail
    }
}
