//! The verb `reboot`.

use super::modifiers::fields;
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// The way to reboot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RebootBy {
    /// The guest's own command.
    #[default]
    Guest,
    /// The machine's reset line.
    Reset,
}

/// `reboot`: restarts the machine and waits until it has been reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reboot {
    /// The way.
    pub by: RebootBy,
}

impl Reboot {
    pub(super) const FIELDS: &'static [Field] = &[Field::optional(
        "by",
        Shape::Choice(&["guest", "reset"]),
        "`guest` asks the guest, `reset` resets the machine; `guest` when absent.",
    )];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[Shape::Nothing, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if node.kind == Kind::Null {
            return Some(Self {
                by: RebootBy::Guest,
            });
        }
        let choices = [("guest", RebootBy::Guest), ("reset", RebootBy::Reset)];
        let by = fields(reader, node, "reboot", Self::FIELDS)?
            .may("by", reader, |r, n| r.choice(n, "way to reboot", &choices))?;
        Some(Self {
            by: by.unwrap_or_default(),
        })
    }

    pub(super) fn line(&self) -> String {
        match self.by {
            RebootBy::Guest => String::new(),
            RebootBy::Reset => "by reset".to_owned(),
        }
    }
}
