//! The events of a machine.

use std::fmt;

use tokio::sync::broadcast;

use super::{Ending, Lost};

/// Something a machine did, by itself or because it was made to.
#[derive(Debug, Clone, PartialEq)]
pub enum MachineEvent {
    /// It started again from its firmware.
    Reset {
        /// Who did it.
        by: EventOrigin,
        /// The backend's reason, such as `guest-reset` or `guest-panic`.
        reason: String,
    },
    /// The guest was asked to power itself off (the power button was pressed).
    PowerButton,
    /// It is off. Its screen and disks can still be looked at; [`Power::on`](crate::Power::on) starts it again.
    Shutdown {
        /// Who did it.
        by: EventOrigin,
        /// The backend's reason, such as `guest-shutdown`.
        reason: String,
    },
    /// The guest's kernel told of a panic (needs its pvpanic driver). The machine is stopped.
    Panicked,
    /// The accelerator failed (run state `internal-error`). The machine is stopped and cannot go on.
    InternalError {
        /// What to do, for people.
        advice: String,
    },
    /// It was stopped, and not by one of the other causes.
    Stopped,
    /// It goes on after a stop.
    Resumed,
    /// The guest sleeps (suspend to RAM).
    Suspended,
    /// The guest woke up.
    WokeUp,
    /// A disk operation failed on the host. The machine stops when the host has no space left.
    BlockError {
        /// The backend's name of the disk.
        device: String,
        /// Whether the host's disk is full.
        no_space: bool,
        /// The host's error.
        reason: String,
    },
    /// The machine's watchdog fired.
    Watchdog {
        /// What follows, such as `reset`.
        action: String,
    },
    /// The guest agent opened its channel.
    AgentConnected,
    /// The guest agent closed its channel.
    AgentDisconnected,
    /// It cannot be driven any more, although its process is there: its control connection is closed, or its TPM has
    /// ended.
    Broken(Lost),
    /// The machine is gone: its QEMU has ended, or its board is not reached any more. Nothing follows.
    Exited {
        /// How.
        ending: Ending,
        /// Whether this program ended it on request.
        expected: bool,
    },
    /// The receiver was too slow: so many events are missing here. They are in `qmp.log`.
    Missed(u64),
}

/// Who made a machine do something.
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

    /// The next event; none when the machine is gone and every event was taken. Can be dropped without losing an event.
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
