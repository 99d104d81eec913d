//! The verb `drag`.

use super::button::Button;
use super::modifiers::Modifiers;
use super::target::Target;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `drag`: presses a button at one place, moves, releases it at another.
#[derive(Debug, Clone, PartialEq)]
pub struct Drag<P: Phase = Rendered> {
    /// The place where the button is pressed.
    pub from: Target<P>,
    /// The place where it is released.
    pub to: Target<P>,
    /// The button.
    pub button: Button,
}

impl Drag<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "from",
            Target::SHAPE,
            "The place where the button goes down.",
        ),
        Field::required(
            "to",
            Target::SHAPE,
            "The place where the button is released.",
        ),
        Button::FIELD,
    ];
    pub(super) const SHAPE: Shape = Shape::Fields(&[Self::FIELDS]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`drag`", &[Self::FIELDS, Modifiers::FIELDS])?;
        let from = fields.need("from", reader, |r, n| Target::read(r, n, "`from`"));
        let to = fields.need("to", reader, |r, n| Target::read(r, n, "`to`"));
        let button = Button::read(reader, &fields);
        Some(Self {
            from: from?,
            to: to?,
            button: button?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Drag<V::To>, Diagnostic> {
        Ok(Drag {
            from: self.from.visit(visitor)?,
            to: self.to.visit(visitor)?,
            button: self.button,
        })
    }
}

impl<P: Phase> Drag<P> {
    pub(super) fn line(&self) -> String {
        format!("{} to {}", self.from.line(), self.to.line())
    }
}
