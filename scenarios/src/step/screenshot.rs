//! The verb `screenshot`.

use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Shown, Templated, Text, Visitor, Written};
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// `screenshot`: keeps the current frame as evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Screenshot<P: Phase = Rendered> {
    /// The name.
    pub name: Option<P::Of<Text>>,
}

impl Screenshot<Written> {
    pub(super) const FIELDS: &'static [Field] = &[Field::optional(
        "name",
        Shape::Text,
        "The name of the picture.",
    )];
    pub(super) const SHAPE: Shape =
        Shape::OneOf(&[Shape::Nothing, Shape::Text, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let name = match &node.kind {
            Kind::Null => None,
            Kind::Map(_) => fields(reader, node, "screenshot", Self::FIELDS)?.may(
                "name",
                reader,
                Templated::read_filled,
            )?,
            Kind::Scalar { .. } | Kind::List(_) => Some(Templated::read_filled(reader, node)?),
        };
        Some(Self { name })
    }

    pub(super) fn visit<V: Visitor>(
        &self,
        visitor: &mut V,
    ) -> Result<Screenshot<V::To>, Diagnostic> {
        Ok(Screenshot {
            name: visitor.option(&self.name)?,
        })
    }
}

impl<P: Phase> Screenshot<P> {
    pub(super) fn line(&self) -> String {
        self.name.as_ref().map(Shown::shown).unwrap_or_default()
    }
}
