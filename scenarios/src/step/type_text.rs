//! The verb `type`.

use std::time::Duration;

use super::escapes::check_escapes;
use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{MASK, Phase, Rendered, Shown, Templated, Text, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `type`: types text on the keyboard.
#[derive(Debug, Clone, PartialEq)]
pub struct Type<P: Phase = Rendered> {
    /// The text. It is secret if the step says so or if it contains a secret.
    pub text: P::Of<Text>,
    /// True if the step says that the text must not be shown. A rendered text is then secret itself.
    pub secret: bool,
    /// True if Enter is pressed after the text.
    pub enter: bool,
    /// The least time from one key to the next. Absent: as fast as the machine accepts keys.
    pub every: Option<P::Of<Duration>>,
    /// The time for which the screen must not have changed before the first key. Absent: none.
    pub when_still: Option<P::Of<Duration>>,
}

impl Type<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "text",
            Shape::Text,
            "The text; `\\n` in double quotes is Enter, `\\t` Tab.",
        ),
        Field::optional(
            "secret",
            Shape::Flag,
            "Keeps the text out of logs and reports.",
        ),
        Field::optional("enter", Shape::Flag, "Presses Enter after the text."),
        Field::optional(
            "every",
            Shape::Duration,
            "The shortest time from one key to the next; the machine may need more.",
        ),
        Field::optional(
            "when_still",
            Shape::Duration,
            "Waits first until the screen has not changed for this time.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[Shape::Text, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            let text = read_text(reader, node)?;
            return Some(Self {
                text,
                secret: false,
                enter: false,
                every: None,
                when_still: None,
            });
        }
        let fields = fields(reader, node, "type", Self::FIELDS)?;
        let text = fields.need("text", reader, read_text);
        let secret = fields.may("secret", reader, Reader::flag);
        let enter = fields.may("enter", reader, Reader::flag);
        let every = fields.may("every", reader, Templated::read);
        let when_still = fields.may("when_still", reader, Templated::read);
        Some(Self {
            text: text?,
            secret: secret?.unwrap_or(false),
            enter: enter?.unwrap_or(false),
            every: every?,
            when_still: when_still?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Type<V::To>, Diagnostic> {
        Ok(Type {
            text: visitor.value(&self.text)?,
            secret: self.secret,
            enter: self.enter,
            every: visitor.option(&self.every)?,
            when_still: visitor.option(&self.when_still)?,
        })
    }
}

impl Type {
    /// Makes the text itself secret if the step says so, so that no later code can forget it.
    pub(super) fn mask(mut self) -> Self {
        if self.secret {
            self.text = self.text.into_secret();
        }
        self
    }
}

fn read_text(reader: &mut Reader, node: &Node) -> Option<Templated<Text>> {
    check_escapes(reader, node);
    let text = Templated::<Text>::read(reader, node)?;
    if text.template().literal() == Some("") {
        return reader.invalid(&node.at, "there is no text to type", "leave the step out");
    }
    Some(text)
}

impl<P: Phase> Type<P> {
    pub(super) fn line(&self) -> String {
        let text = self.text.shown();
        let text = if self.secret || text == MASK {
            MASK.to_owned()
        } else {
            format!("{text:?}")
        };
        if self.enter {
            format!("{text} and Enter")
        } else {
            text
        }
    }
}
