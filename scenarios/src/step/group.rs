//! The verb `group`.

use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Shown, Templated, Text, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `group`: runs steps under a name. They are [`Step::steps`](crate::Step::steps).
#[derive(Debug, Clone, PartialEq)]
pub struct Group<P: Phase = Rendered> {
    /// The name.
    pub name: P::Of<Text>,
    /// The number of further tries, from the first step, after a failure.
    pub retry: u32,
    /// True if the scenario continues after a failure.
    pub optional: bool,
}

impl Group<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "name",
            Shape::Text,
            "Its name on the terminal and in reports.",
        ),
        Field::required("steps", Shape::Steps, "Its steps."),
        Field::optional(
            "retry",
            Shape::Whole(0),
            "The number of times that a failed group is tried again from its first step.",
        ),
        Field::optional(
            "optional",
            Shape::Flag,
            "The scenario goes on if the group fails.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::Fields(&[Self::FIELDS]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = fields(reader, node, "group", Self::FIELDS)?;
        let name = fields.need("name", reader, Templated::read_filled);
        let retry = fields.may("retry", reader, |r, n| r.whole(n, 0, 100));
        let optional = fields.may("optional", reader, Reader::flag);
        Some(Self {
            name: name?,
            retry: retry?.unwrap_or(0),
            optional: optional?.unwrap_or(false),
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Group<V::To>, Diagnostic> {
        Ok(Group {
            name: visitor.value(&self.name)?,
            retry: self.retry,
            optional: self.optional,
        })
    }
}

impl<P: Phase> Group<P> {
    pub(super) fn line(&self) -> String {
        self.name.shown()
    }
}
