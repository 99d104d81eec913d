//! The verb `power`.

use crate::yaml::{Node, Reader, Shape};

/// `power`: presses the power button, or switches the power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Switches the machine on.
    On,
    /// Presses the power button once.
    Off,
    /// Resets the machine.
    Reset,
    /// Cuts the power immediately. The guest's memory is lost, and so may be writes without a flush. Flushed writes are
    /// on the disks after `power: on`.
    Cut,
}

impl Power {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("on", Self::On),
        ("off", Self::Off),
        ("reset", Self::Reset),
        ("cut", Self::Cut),
    ];
    pub(super) const SHAPE: Shape = Shape::Choice(&["on", "off", "reset", "cut"]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        reader.choice(node, "power action", Self::NAMES)
    }

    pub(super) fn line(self) -> String {
        Self::NAMES
            .iter()
            .find(|(_, action)| *action == self)
            .map_or("", |(name, _)| name)
            .to_owned()
    }
}
