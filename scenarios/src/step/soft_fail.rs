//! The verb `soft_fail`.

use super::date::Date;
use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Shown, Templated, Text, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `soft_fail`: reports a known defect. The scenario continues and is soft-failed.
#[derive(Debug, Clone, PartialEq)]
pub struct SoftFail<P: Phase = Rendered> {
    /// The defect.
    pub reason: P::Of<Text>,
    /// The ticket in which the defect is tracked.
    pub ticket: P::Of<Text>,
    /// The last day on which the defect is excused. After that day the step fails.
    pub expires: Option<Date>,
}

impl SoftFail<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("reason", Shape::Text, "The defect."),
        Field::required(
            "ticket",
            Shape::Text,
            "The ticket of the defect: a number or an address.",
        ),
        Field::optional(
            "expires",
            Shape::Date,
            "The last day on which the defect is excused.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::Fields(&[Self::FIELDS]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = fields(reader, node, "soft_fail", Self::FIELDS)?;
        let reason = fields.need("reason", reader, Templated::read_filled);
        let ticket = fields.need("ticket", reader, Templated::read_filled);
        let expires = fields.may("expires", reader, |reader, node| {
            let text = reader.scalar(node, "a day")?;
            match Date::parse(text) {
                Some(date) => Some(date),
                None => reader.invalid(
                    &node.at,
                    format!("`{text}` is no day"),
                    "write it like `2026-03-31`",
                ),
            }
        });
        Some(Self {
            reason: reason?,
            ticket: ticket?,
            expires: expires?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<SoftFail<V::To>, Diagnostic> {
        Ok(SoftFail {
            reason: visitor.value(&self.reason)?,
            ticket: visitor.value(&self.ticket)?,
            expires: self.expires,
        })
    }
}

impl<P: Phase> SoftFail<P> {
    pub(super) fn line(&self) -> String {
        format!("{} ({})", self.reason.shown(), self.ticket.shown())
    }
}
