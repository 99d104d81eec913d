//! The verb `assert`.

use super::modifiers::fields;
use crate::condition::Condition;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Templated, Text, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `assert`: a condition that must be true now.
#[derive(Debug, Clone, PartialEq)]
pub struct Assert<P: Phase = Rendered> {
    /// The condition.
    pub that: Condition,
    /// The message if it is not true.
    pub message: Option<P::Of<Text>>,
}

impl Assert<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("that", Shape::Condition, "The condition."),
        Field::optional(
            "message",
            Shape::Text,
            "The message if the condition is not true.",
        ),
    ];
    pub(super) const SHAPE: Shape =
        Shape::OneOf(&[Shape::Condition, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            let that = Condition::read(reader, node)?;
            return Some(Self {
                that,
                message: None,
            });
        }
        let fields = fields(reader, node, "assert", Self::FIELDS)?;
        let that = fields.need("that", reader, Condition::read);
        let message = fields.may("message", reader, Templated::read_filled);
        Some(Self {
            that: that?,
            message: message?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Assert<V::To>, Diagnostic> {
        Ok(Assert {
            that: self.that.clone(),
            message: visitor.option(&self.message)?,
        })
    }
}

impl<P: Phase> Assert<P> {
    pub(super) fn line(&self) -> String {
        self.that.text().to_owned()
    }
}
