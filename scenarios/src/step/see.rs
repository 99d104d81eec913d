//! The verb `see`.

use std::time::Duration;

use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Shown, TagQuery, Templated, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `see`: waits until a needle is on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct See<P: Phase = Rendered> {
    /// The needle to look for.
    pub needle: TagQuery<P>,
    /// The needle that must not be on the screen at the same time.
    pub not: Option<TagQuery<P>>,
    /// The time for which the needle must stay without interruption. A deadline that the step states includes this
    /// time; the default deadline does not.
    pub stays: Option<P::Of<Duration>>,
}

impl See<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "needle",
            Shape::OneOrList(&Shape::Text),
            "The tag to look for. Tags with a space between them: the needle must have all of them. A list: any of \
        them.",
        ),
        Field::optional(
            "not",
            Shape::OneOrList(&Shape::Text),
            "A tag that must not be on the screen at the same time.",
        ),
        Field::optional(
            "for",
            Shape::Duration,
            "The time that the needle must stay on the screen without a break.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[
        Shape::OneOrList(&Shape::Text),
        Shape::Fields(&[Self::FIELDS]),
    ]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            let needle = TagQuery::read(reader, node)?;
            return Some(Self {
                needle,
                not: None,
                stays: None,
            });
        }
        let fields = fields(reader, node, "see", Self::FIELDS)?;
        let needle = fields.need("needle", reader, TagQuery::read);
        let not = fields.may("not", reader, TagQuery::read);
        let stays = fields.may("for", reader, Templated::read);
        Some(Self {
            needle: needle?,
            not: not?,
            stays: stays?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<See<V::To>, Diagnostic> {
        Ok(See {
            needle: self.needle.visit(visitor)?,
            not: TagQuery::visit_option(&self.not, visitor)?,
            stays: visitor.option(&self.stays)?,
        })
    }
}

impl<P: Phase> See<P> {
    pub(super) fn line(&self) -> String {
        let mut line = self.needle.to_string();
        if let Some(not) = &self.not {
            line.push_str(&format!(" without {not}"));
        }
        if let Some(stays) = &self.stays {
            line.push_str(&format!(" for {}", stays.shown()));
        }
        line
    }
}
