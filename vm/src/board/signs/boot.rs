//! One boot of a board: how far it is.

use super::sign_set::Stage;

/// One boot of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Boot {
    /// The earliest stage that was ever seen to begin a boot of this board.
    pub(super) first: Stage,
    pub(super) furthest: Stage,
    pub(super) kernel: Kernel,
    /// The entries that UEFI has loaded.
    pub(super) entries: Vec<String>,
}

/// The kernel of a boot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kernel {
    /// The time of its last line, in microseconds. None: it has written no time.
    pub(super) time: Option<u64>,
    pub(super) has_first_cpu: bool,
    pub(super) has_version: bool,
    /// A login prompt or the prompt of a shell was seen.
    pub(super) is_used: bool,
}

impl Boot {
    /// Returns a boot that began with `stage`, of a board whose boots were seen to begin with `first`.
    pub(super) fn new(stage: Stage, first: Stage) -> Self {
        Self {
            first: first.min(stage),
            furthest: stage,
            kernel: Kernel::default(),
            entries: Vec::new(),
        }
    }
}

/// The announcement of a restart by the system or the boot loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Farewell {
    Nothing,
    /// A command that restarts was typed, or a program says that it restarts. That may fail.
    Said,
    /// The kernel has said its last words.
    LastWords,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It is off.
    Off,
    /// It was switched on: the next boot is expected.
    Expected,
    /// In this boot.
    Booted(Boot),
}

/// The last words of a kernel that switches the power off, after which nothing may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LastWords {
    pub(super) words: &'static str,
    pub(super) is_in_command: bool,
}
