//! The buttons of the pointer.

use crate::yaml::{Field, Fields, Reader, Shape};

/// A button of the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Button {
    /// The left one.
    #[default]
    Left,
    /// The middle one.
    Middle,
    /// The right one.
    Right,
}

impl Button {
    pub(super) const NAMES: &'static [(&'static str, Self)] = &[
        ("left", Self::Left),
        ("middle", Self::Middle),
        ("right", Self::Right),
    ];
    pub(super) const FIELD: Field = Field::optional(
        "button",
        Shape::Choice(&["left", "middle", "right"]),
        "The button; `left` when absent.",
    );

    pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Self> {
        fields
            .may("button", reader, |r, n| r.choice(n, "button", Self::NAMES))
            .map(Option::unwrap_or_default)
    }

    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Middle => "middle",
            Self::Right => "right",
        }
    }
}
