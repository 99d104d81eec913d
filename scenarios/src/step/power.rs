use crate::yaml::{Node, Reader, Shape};

/// `power`: the power button and what is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Switches on.
    On,
    /// Presses the power button, once.
    Off,
    /// Resets.
    Reset,
    /// Takes the power away, at once: what the guest had in memory is lost, and what it wrote without a flush may be.
    /// What it flushed is on the disks, which carry on with `power: on`.
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
