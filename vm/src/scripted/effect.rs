//! The effects that a script has: everything that a scripted machine does.

use std::time::Duration;

use super::ScriptedPicture;
use crate::EventOrigin;

/// Something that a scripted machine does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Does nothing for this long. The time of a pause does not count.
    Wait(Duration),
    /// Shows this picture.
    Show(ScriptedPicture),
    /// Has no picture, for this reason.
    ShowNothing(String),
    /// Writes these bytes to the serial console.
    Write(Vec<u8>),
    /// The agent opens its channel.
    ConnectAgent,
    /// The agent closes its channel.
    DisconnectAgent,
    /// Starts again from its firmware.
    Restart(EventOrigin),
    /// Powers itself off.
    PowerOff,
    /// The kernel panics, and the machine stops.
    Panic,
    /// The guest sleeps.
    Suspend,
    /// The guest wakes up.
    Wake,
    /// The machine ends by itself.
    End,
}

impl Effect {
    /// Writes a line to the serial console, with a carriage return and a line feed behind it.
    #[must_use]
    pub fn line(text: &str) -> Self {
        Self::Write(format!("{text}\r\n").into_bytes())
    }
}
