use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use super::{AgentError, GuestCommand, GuestOutput};

/// The guest agent of a running machine. Cheap to clone; commands of all clones share one channel.
#[derive(Debug, Clone)]
pub struct Agent {
    connected: watch::Receiver<bool>,
}

/// How the agent ends the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShutdownMode {
    /// Power off.
    PowerOff,
    /// Start again.
    Reboot,
}

impl Agent {
    /// Whether an agent has the channel open now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }

    /// Whether an agent has the channel open, as it changes. The channel closes when the machine ends.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.connected.clone()
    }

    /// Asks the agent for a sign of life.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn ping(&self, limit: Duration) -> Result<(), AgentError> {
        let _ = limit;
        todo!()
    }

    /// Runs a command in the guest and waits for its end.
    ///
    /// # Errors
    /// See [`AgentError`]. A command that ends with a status other than 0 is no error.
    pub async fn exec(&self, command: &GuestCommand) -> Result<GuestOutput, AgentError> {
        let _ = command;
        todo!()
    }

    /// Reads a file of the guest, up to `limit` bytes.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn read_file(&self, path: &str, limit: usize) -> Result<Vec<u8>, AgentError> {
        let _ = (path, limit);
        todo!()
    }

    /// Writes a file of the guest; what was in it is gone.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn write_file(&self, path: &str, content: &[u8]) -> Result<(), AgentError> {
        let _ = (path, content);
        todo!()
    }

    /// Sets the guest's clock.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn set_time(&self, now: SystemTime) -> Result<(), AgentError> {
        let _ = now;
        todo!()
    }

    /// Asks the guest to end; it does so after the call.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn shutdown(&self, mode: ShutdownMode) -> Result<(), AgentError> {
        let _ = mode;
        todo!()
    }
}
