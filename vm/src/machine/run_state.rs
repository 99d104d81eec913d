//! The states of a machine.

use std::fmt;

/// The state of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// The guest runs.
    Running,
    /// The machine is stopped by request, or not started yet.
    Paused,
    /// The machine is off. It can be switched on again.
    Shutdown,
    /// The guest is suspended.
    Suspended,
    /// The guest's kernel has panicked.
    Panicked,
    /// The accelerator has failed.
    InternalError,
    /// The machine is stopped by a disk error of the host.
    IoError,
    /// Another state, by the backend's name.
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
