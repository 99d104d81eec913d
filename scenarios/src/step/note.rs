use super::modifiers::fields;
use crate::phase::Visitor;
use crate::schema::Shape;
use crate::templated::Shown;
use crate::yaml::{Field, Node, Reader};
use crate::{Diagnostic, Phase, Rendered, Text, Written};

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
            fields(reader, node, "note", Self::FIELDS)?.need("text", reader, Reader::filled)
        } else {
            reader.filled(node)
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
