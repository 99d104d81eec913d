//! The triggers of a script: everything that a scripted machine reacts to.

use crate::{KeyName, PointerButton};

/// Something that is done to a scripted machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// This key goes down.
    Key(KeyName),
    /// These keys go down, one after the other, whatever goes up between: `h`, `i`, `ret`.
    Keys(Vec<KeyName>),
    /// This button of the pointer goes down.
    Click(PointerButton),
    /// The wheel is turned.
    Wheel,
    /// The pointer moves.
    Move,
    /// This line, without its end, arrives at the serial console.
    Line(String),
    /// The power button is pressed.
    PowerButton,
    /// The reset button is pressed.
    ResetButton,
    /// The machine goes on after it stood still: after a pause, or after a panic that stopped it.
    Resumed,
    /// The agent was asked to shut the guest down.
    AgentShutdown,
    /// The agent was asked to restart the guest.
    AgentRestart,
}
