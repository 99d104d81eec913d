use std::{os::fd::OwnedFd, sync::Arc};

use serde_json::Value;
use tokio::sync::broadcast;

use super::{QmpError, RawEvent};

/// A connection to QEMU. Cheap to clone; every clone is the same connection.
#[derive(Debug, Clone)]
pub struct Qmp {
    _shared: Arc<()>,
}

/// Whether a command's arguments may be read in `qmp.log`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// They may.
    Open,
    /// They hold a secret: the log shows `•••` instead.
    Secret,
}

impl Qmp {
    /// Executes a typed command.
    ///
    /// # Errors
    /// See [`QmpError`].
    pub async fn execute<C: qapi::Command>(&self, command: C) -> Result<C::Ok, QmpError> {
        let _ = command;
        todo!()
    }

    /// Executes a command by name, for what the types do not know.
    ///
    /// # Errors
    /// See [`QmpError`].
    pub async fn raw(&self, command: &str, arguments: Value, sensitivity: Sensitivity) -> Result<Value, QmpError> {
        let _ = (command, arguments, sensitivity);
        todo!()
    }

    /// Executes a command out of band: answered even while another command runs. QEMU allows it for few commands.
    ///
    /// # Errors
    /// See [`QmpError`].
    pub async fn raw_oob(&self, command: &str, arguments: Value) -> Result<Value, QmpError> {
        let _ = (command, arguments);
        todo!()
    }

    /// Gives QEMU a file descriptor under a name (`getfd`).
    ///
    /// # Errors
    /// See [`QmpError`].
    pub async fn pass_fd(&self, name: &str, fd: OwnedFd) -> Result<(), QmpError> {
        let _ = (name, fd);
        todo!()
    }

    /// Every event from now on, unknown ones included.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<RawEvent> {
        todo!()
    }
}
