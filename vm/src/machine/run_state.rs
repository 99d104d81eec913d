//! What a machine is doing.

use std::fmt;

/// The state of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// The guest runs.
    Running,
    /// Stopped by request, or not started yet.
    Paused,
    /// Powered off; it can be switched on again.
    Shutdown,
    /// The guest sleeps.
    Suspended,
    /// The guest's kernel panicked.
    Panicked,
    /// The accelerator failed.
    InternalError,
    /// Stopped by a disk error of the host.
    IoError,
    /// Any other, by the backend's name.
    Other(String),
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Shutdown => "shutdown",
            Self::Suspended => "suspended",
            Self::Panicked => "guest-panicked",
            Self::InternalError => "internal-error",
            Self::IoError => "io-error",
            Self::Other(name) => name,
        })
    }
}
