use super::date::Date;
use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::Shown;
use crate::value::{Phase, Rendered, Templated, Text, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `soft_fail`: a known defect was met; the scenario goes on and is soft-failed.
#[derive(Debug, Clone, PartialEq)]
pub struct SoftFail<P: Phase = Rendered> {
    /// What is wrong.
    pub reason: P::Of<Text>,
    /// Where it is tracked.
    pub ticket: P::Of<Text>,
    /// The last day on which it is excused; afterwards the step fails.
    pub expires: Option<Date>,
}

impl SoftFail<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("reason", Shape::Text, "What is wrong."),
        Field::required(
            "ticket",
            Shape::Text,
            "Where it is tracked: a number or an address.",
        ),
        Field::optional(
            "expires",
            Shape::Date,
            "The last day on which it is excused.",
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
