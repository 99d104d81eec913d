//! The verb `gone`.

use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, TagQuery, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `gone`: waits until the needle has not been on the screen for a second.
#[derive(Debug, Clone, PartialEq)]
pub struct Gone<P: Phase = Rendered> {
    /// The needle that must go. Of several tags, none may stay.
    pub needle: TagQuery<P>,
}

impl Gone<Written> {
    pub(super) const FIELDS: &'static [Field] = &[Field::required(
        "needle",
        Shape::OneOrList(&Shape::Text),
        "The tag that must go. A list: all of them must go.",
    )];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[
        Shape::OneOrList(&Shape::Text),
        Shape::Fields(&[Self::FIELDS]),
    ]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let needle = if node.is_map() {
            fields(reader, node, "gone", Self::FIELDS)?.need("needle", reader, TagQuery::read)
        } else {
            TagQuery::read(reader, node)
        };
        Some(Self { needle: needle? })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Gone<V::To>, Diagnostic> {
        Ok(Gone {
            needle: self.needle.visit(visitor)?,
        })
    }
}
