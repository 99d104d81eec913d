use std::fmt;

use crate::qmp::{Qmp, QmpError};

/// The machine's power: button, reset, pause. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Power {
    _qmp: Qmp,
}

/// Why a power operation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot {action} the machine")]
pub struct PowerError {
    /// What was tried, such as `reset`.
    pub action: &'static str,
    /// Why it failed.
    pub source: QmpError,
}

/// What a machine is doing, as QEMU says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// The guest runs.
    Running,
    /// Stopped by request, or not started yet.
    Paused,
    /// Powered off; QEMU is still there.
    Shutdown,
    /// The guest sleeps.
    Suspended,
    /// The guest's kernel panicked.
    Panicked,
    /// The accelerator failed.
    InternalError,
    /// Stopped by a disk error of the host.
    IoError,
    /// Any other, by QEMU's name.
    Other(String),
}

impl Power {
    /// Presses the power button: the guest is asked to shut down. It may take its time, or not react.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn press_button(&self) -> Result<(), PowerError> {
        todo!()
    }

    /// Presses the reset button.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn reset(&self) -> Result<(), PowerError> {
        todo!()
    }

    /// Switches a machine that is off (or panicked) on again: a cold start from its disks as they are.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn on(&self) -> Result<(), PowerError> {
        todo!()
    }

    /// Stops the machine's processors.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn pause(&self) -> Result<(), PowerError> {
        todo!()
    }

    /// Lets the machine's processors go on.
    ///
    /// # Errors
    /// When QEMU does not take the command.
    pub async fn resume(&self) -> Result<(), PowerError> {
        todo!()
    }

    /// What the machine is doing.
    ///
    /// # Errors
    /// When QEMU does not answer.
    pub async fn status(&self) -> Result<RunState, PowerError> {
        todo!()
    }
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
