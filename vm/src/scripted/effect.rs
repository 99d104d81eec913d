//! What a scripted machine does.

use std::time::Duration;

use super::ScriptedPicture;
use crate::EventOrigin;

/// One thing that a scripted machine does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Does nothing for a while.
    Wait(Duration),
    /// Shows this picture.
    Show(ScriptedPicture),
    /// Has no picture, for this reason.
    ShowNothing(String),
    /// Writes these bytes to the serial console.
    Say(Vec<u8>),
    /// The agent opens its channel.
    AgentComes,
    /// The agent closes its channel.
    AgentGoes,
    /// Starts again from its firmware.
    Restart(EventOrigin),
    /// Powers itself off.
    PowerOff,
    /// The kernel tells of a panic; the machine stops.
    Panic,
    /// The guest sleeps.
    Suspend,
    /// The guest wakes up.
    WakeUp,
    /// The machine ends, and nobody has asked for it.
    End,
}

impl Effect {
    /// Writes a line, which ends as terminals have it, to the serial console.
    #[must_use]
    pub fn line(text: &str) -> Self {
        Self::Say(format!("{text}\r\n").into_bytes())
    }
}
