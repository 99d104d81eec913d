//! The verb `pause`.

use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Shown, Templated, Text, Visitor, Written};
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// `pause`: waits for a person, if somebody is at the terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct Pause<P: Phase = Rendered> {
    /// The message for the person.
    pub text: Option<P::Of<Text>>,
}

impl Pause<Written> {
    pub(super) const FIELDS: &'static [Field] = &[Field::optional(
        "text",
        Shape::Text,
        "The text for the person: why the scenario waits, and what to look at.",
    )];
    pub(super) const SHAPE: Shape =
        Shape::OneOf(&[Shape::Nothing, Shape::Text, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let text = match &node.kind {
            Kind::Null => None,
            Kind::Map(_) => fields(reader, node, "pause", Self::FIELDS)?.may(
                "text",
                reader,
                Templated::read_filled,
            )?,
            Kind::Scalar { .. } | Kind::List(_) => Some(Templated::read_filled(reader, node)?),
        };
        Some(Self { text })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Pause<V::To>, Diagnostic> {
        Ok(Pause {
            text: visitor.option(&self.text)?,
        })
    }
}

impl<P: Phase> Pause<P> {
    pub(super) fn line(&self) -> String {
        self.text.as_ref().map(Shown::shown).unwrap_or_default()
    }
}
