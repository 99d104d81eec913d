//! The verb `move`.

use super::modifiers::Modifiers;
use super::target::Target;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Visitor, Written};
use crate::yaml::{Node, Reader, Shape};

/// `move`: moves the pointer to a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Move<P: Phase = Rendered> {
    /// The place.
    pub target: Target<P>,
}

impl Move<Written> {
    pub(super) const SHAPE: Shape = Target::SHAPE;

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let target = if node.is_map() {
            let fields = reader.fields(node, "`move`", &[Target::FIELDS, Modifiers::FIELDS])?;
            Target::from_fields(reader, &fields, "`move`")
        } else {
            Target::read(reader, node, "`move`")
        };
        Some(Self { target: target? })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Move<V::To>, Diagnostic> {
        Ok(Move {
            target: self.target.visit(visitor)?,
        })
    }
}
