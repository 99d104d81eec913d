//! The verb `hold`.

use std::time::Duration;

use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::keyboard::KeyCombo;
use crate::value::{Phase, Rendered, Shown, Templated, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `hold`: holds keys down for a time, or while the nested steps ([`Step::steps`](crate::Step::steps)) run.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold<P: Phase = Rendered> {
    /// The keys.
    pub keys: P::Of<KeyCombo>,
    /// The time. Absent exactly if there are nested steps.
    pub lasts: Option<P::Of<Duration>>,
}

impl Hold<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "keys",
            Shape::Text,
            "A key or a combination such as `shift`.",
        ),
        Field::optional("for", Shape::Duration, "The time for which they are down."),
        Field::optional(
            "steps",
            Shape::Steps,
            "Steps that run while the keys are down.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::Fields(&[Self::FIELDS]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = fields(reader, node, "hold", Self::FIELDS)?;
        let keys = fields.need("keys", reader, Templated::read);
        let lasts = fields.may("for", reader, Templated::read);
        let steps = fields.get("steps").is_some();
        let (keys, lasts) = (keys?, lasts?);
        if lasts.is_some() == steps {
            return reader.invalid(
                &fields.at,
                "`hold` needs either `for` or `steps`",
                "`for: 2s` holds the keys for a time, `steps:` while these run",
            );
        }
        Some(Self { keys, lasts })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Hold<V::To>, Diagnostic> {
        Ok(Hold {
            keys: visitor.value(&self.keys)?,
            lasts: visitor.option(&self.lasts)?,
        })
    }
}

impl<P: Phase> Hold<P> {
    pub(super) fn line(&self) -> String {
        match &self.lasts {
            Some(lasts) => format!("{} for {}", self.keys.shown(), lasts.shown()),
            None => self.keys.shown(),
        }
    }
}
