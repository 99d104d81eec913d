//! The way by which commands and files reach the guest, and how large a file may be on it.

use scenarios::{Machine, Over};

/// The way by which commands and files reach the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuestWay {
    /// The guest agent.
    Agent,
    /// A shell on the serial line.
    Serial,
}

impl GuestWay {
    /// Returns the way that a step names; if it names none, the agent of the machine if it has one.
    pub(crate) fn of(over: Option<Over>, machine: &Machine) -> Self {
        match over {
            Some(Over::Agent) => Self::Agent,
            Some(Over::Serial) => Self::Serial,
            None if machine.agent => Self::Agent,
            None => Self::Serial,
        }
    }

    /// Returns the number of bytes of the largest file that is copied. 1 MiB takes at least three minutes on a serial
    /// line of 115200 baud.
    pub(crate) fn most(self) -> u64 {
        match self {
            Self::Agent => 64 << 20,
            Self::Serial => 1 << 20,
        }
    }

    /// Returns its name in messages.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Agent => "through the agent",
            Self::Serial => "over the serial line",
        }
    }
}
