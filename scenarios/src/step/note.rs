//! The verb `note`.

use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Shown, Templated, Text, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `note`: writes a remark into the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Note<P: Phase = Rendered> {
    /// The remark.
    pub text: P::Of<Text>,
}

impl Note<Written> {
    pub(super) const FIELDS: &'static [Field] =
        &[Field::required("text", Shape::Text, "The remark.")];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[Shape::Text, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let text = if node.is_map() {
            fields(reader, node, "note", Self::FIELDS)?.need("text", reader, Templated::read_filled)
        } else {
            Templated::read_filled(reader, node)
        };
        Some(Self { text: text? })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Note<V::To>, Diagnostic> {
        Ok(Note {
            text: visitor.value(&self.text)?,
        })
    }
}

impl<P: Phase> Note<P> {
    pub(super) fn line(&self) -> String {
        self.text.shown()
    }
}
