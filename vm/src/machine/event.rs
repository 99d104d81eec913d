//! The events of a machine.

use std::fmt;

use tokio::sync::broadcast;

use super::{Ending, Lost};

/// An event of a machine, by itself or on request.
#[derive(Debug, Clone, PartialEq)]
pub enum MachineEvent {
    /// It restarted from its firmware.
    Reset {
        /// The origin.
        by: EventOrigin,
        /// The backend's reason, such as `guest-reset` or `guest-panic`.
        reason: String,
        /// The [position](crate::Serial::position) on its console at which the text of the new boot begins: that of
        /// the line that told the restart. None if something else told it, or that text is no longer kept.
        at: Option<u64>,
    },
    /// The power button was pressed, which asks the guest to power off.
    PowerButton,
    /// It is off. Its screen and disks can still be read. [`Power::on`](crate::Power::on) starts it again.
    Shutdown {
        /// The origin.
        by: EventOrigin,
        /// The backend's reason, such as `guest-shutdown`.
        reason: String,
    },
    /// The guest's kernel has panicked, and its pvpanic driver has reported that. The machine is stopped.
    Panicked,
    /// The accelerator failed (run state `internal-error`). The machine is stopped and cannot continue.
    InternalError {
        /// The advice for people.
        advice: String,
    },
    /// It was stopped for another reason than those of the other events.
    Stopped,
    /// It continues after a stop.
    Resumed,
    /// The guest has suspended to RAM.
    Suspended,
    /// The guest woke up.
    WokeUp,
    /// A disk operation failed on the host. The machine stops if the host has no space left.
    BlockError {
        /// The backend's name of the disk.
        device: String,
        /// True if the host's disk is full.
        no_space: bool,
        /// The error of the host.
        reason: String,
    },
    /// The machine's watchdog fired.
    Watchdog {
        /// The effect, such as `reset`.
        action: String,
    },
    /// The guest agent opened its channel.
    AgentConnected,
    /// The guest agent closed its channel.
    AgentDisconnected,
    /// The serial line of a board is lost, and is opened again. Until [`SerialBack`](Self::SerialBack), its text is
    /// missing, and restarts and power-offs that only the line tells are not seen.
    SerialLost {
        /// The reason, as a lowercase fragment.
        why: String,
    },
    /// The serial line of a board is open again.
    SerialBack,
    /// It cannot be controlled any more, although its process exists: its control connection is closed, or its TPM has
    /// ended.
    Broken(Lost),
    /// The machine is gone: its process has ended, or its board cannot be reached any more. This is the last event.
    Exited {
        /// The way it ended.
        ending: Ending,
        /// True if this program ended it on request.
        expected: bool,
    },
    /// The receiver was too slow, and this many events are missing here. The log of the backend has them:
    /// `qmp.log` of a QEMU, `board.log` of a board.
    Missed(u64),
}

/// The origin of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventOrigin {
    /// The system in the machine.
    Guest,
    /// This program or another on the host.
    Host,
}

/// A stream of a machine's events.
#[derive(Debug)]
pub struct MachineEvents {
    receiver: broadcast::Receiver<MachineEvent>,
}

impl MachineEvents {
    pub(crate) fn new(receiver: broadcast::Receiver<MachineEvent>) -> Self {
        Self { receiver }
    }

    /// Returns the next event. None if the machine is gone and every event was taken. The future can be dropped without
    /// losing an event.
    pub async fn next(&mut self) -> Option<MachineEvent> {
        match self.receiver.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(count)) => Some(MachineEvent::Missed(count)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

impl fmt::Display for EventOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guest => "guest",
            Self::Host => "host",
        })
    }
}
