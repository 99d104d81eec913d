//! `over:`, the way by which `run`, `put` and `get` reach the guest.

use crate::yaml::{Field, Node, Reader, Shape};

/// The way to the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The guest agent.
    Agent,
    /// A shell on the serial console.
    Serial,
}

impl Over {
    pub(super) const FIELD: Field = Field::optional(
        "over",
        Shape::Choice(&["agent", "serial"]),
        "The way to the guest. When absent: the agent if the machine has one, otherwise a shell on the serial line.",
    );
    const NAMES: &[(&'static str, Self)] = &[("agent", Self::Agent), ("serial", Self::Serial)];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        reader.choice(node, "way", Self::NAMES)
    }
}
