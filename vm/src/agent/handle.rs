//! The handle of the agent in the guest.

use std::{
    io,
    os::unix::net::UnixStream as StdUnixStream,
    time::{Duration, SystemTime},
};

use tokio::{sync::watch, time::Instant};

use super::{AgentError, GuestCommand, GuestOutput, ShutdownMode};
use crate::{machine::Lack, qemu::GuestAgent, scripted::ScriptedAgent};

/// The guest agent of a running machine. Cheap to clone; commands of all clones share one channel.
#[derive(Debug, Clone)]
pub struct Agent {
    connected: watch::Receiver<bool>,
    line: AgentLine,
}

/// The way to the agent, for each backend.
#[derive(Debug, Clone)]
enum AgentLine {
    /// The machine has no channel for one.
    Absent(Lack),
    Qemu(GuestAgent),
    Scripted(ScriptedAgent),
}

impl Agent {
    /// Takes our end of the channel to a QEMU guest agent. `connected` tells whether an agent has opened the other end,
    /// and closes with the machine.
    pub(crate) fn of_qemu(
        socket: StdUnixStream,
        connected: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let line = AgentLine::Qemu(GuestAgent::start(socket, connected.clone())?);
        Ok(Self { connected, line })
    }

    /// Returns the agent of a scripted machine.
    pub(crate) fn of_script(agent: ScriptedAgent, connected: watch::Receiver<bool>) -> Self {
        let line = AgentLine::Scripted(agent);
        Self { connected, line }
    }

    /// Returns the agent of a machine without a channel.
    pub(crate) fn absent(lack: Lack) -> Self {
        Self {
            connected: watch::channel(false).1,
            line: AgentLine::Absent(lack),
        }
    }

    /// Returns true if an agent has opened the channel.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }

    /// Returns a receiver that tells whether an agent has opened the channel. It closes when the machine ends.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.connected.clone()
    }

    /// Asks the agent for a sign of life.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn ping(&self, limit: Duration) -> Result<(), AgentError> {
        match &self.line {
            AgentLine::Absent(lack) => Err(AgentError::Lacking(*lack)),
            AgentLine::Qemu(agent) => agent.ping(limit).await,
            AgentLine::Scripted(agent) => agent.ping(),
        }
    }

    /// Runs a command in the guest and waits for its end. Dropping the future leaves it running.
    ///
    /// # Errors
    /// See [`AgentError`]. A command that ends with a status other than 0 is no error.
    pub async fn exec(&self, command: &GuestCommand) -> Result<GuestOutput, AgentError> {
        let end = Instant::now() + command.timeout;
        self.exec_while(command, || end.saturating_duration_since(Instant::now()))
            .await
    }

    /// Runs a command as [`exec`](Self::exec) does, with a time limit that moves. `left` returns the time that the
    /// command may still take, and is called again and again. The command's own `timeout` appears only in the error.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn exec_while(
        &self,
        command: &GuestCommand,
        left: impl Fn() -> Duration,
    ) -> Result<GuestOutput, AgentError> {
        match &self.line {
            AgentLine::Absent(lack) => Err(AgentError::Lacking(*lack)),
            AgentLine::Qemu(agent) => agent.exec_while(command, left).await,
            AgentLine::Scripted(agent) => agent.exec_while(command, left).await,
        }
    }

    /// Sets the guest's clock.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn set_time(&self, now: SystemTime) -> Result<(), AgentError> {
        match &self.line {
            AgentLine::Absent(lack) => Err(AgentError::Lacking(*lack)),
            AgentLine::Qemu(agent) => agent.set_time(now).await,
            AgentLine::Scripted(agent) => agent.set_time(now),
        }
    }

    /// Returns what the guest's clock shows.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn time(&self) -> Result<SystemTime, AgentError> {
        match &self.line {
            AgentLine::Absent(lack) => Err(AgentError::Lacking(*lack)),
            AgentLine::Qemu(agent) => agent.time().await,
            AgentLine::Scripted(agent) => agent.time(),
        }
    }

    /// Asks the guest to power off or restart. The guest does so after the call.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn shutdown(&self, mode: ShutdownMode) -> Result<(), AgentError> {
        match &self.line {
            AgentLine::Absent(lack) => Err(AgentError::Lacking(*lack)),
            AgentLine::Qemu(agent) => agent.shutdown(mode).await,
            AgentLine::Scripted(agent) => agent.shutdown(mode).await,
        }
    }

    /// Reads a file of the guest, up to `limit` bytes.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn read_file(&self, path: &str, limit: usize) -> Result<Vec<u8>, AgentError> {
        match &self.line {
            AgentLine::Absent(lack) => Err(AgentError::Lacking(*lack)),
            AgentLine::Qemu(agent) => agent.read_file(path, limit).await,
            AgentLine::Scripted(agent) => agent.read_file(path, limit),
        }
    }

    /// Writes a file of the guest, and replaces its content.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn write_file(&self, path: &str, content: &[u8]) -> Result<(), AgentError> {
        match &self.line {
            AgentLine::Absent(lack) => Err(AgentError::Lacking(*lack)),
            AgentLine::Qemu(agent) => agent.write_file(path, content).await,
            AgentLine::Scripted(agent) => agent.write_file(path, content),
        }
    }
}
