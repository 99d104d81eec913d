//! The verb `serial`.

use std::time::Duration;

use super::escapes::check_escapes;
use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::value::{
    MASK, Pattern, Phase, Rendered, Shown, Templated, Text, Visitor, Written, read_variable,
};
use crate::yaml::{Field, Node, Reader, Shape};

/// `serial`: sends and waits for text on the serial console.
#[derive(Debug, Clone, PartialEq)]
pub struct Serial<P: Phase = Rendered> {
    /// The text that is sent first.
    pub send: Option<P::Of<Text>>,
    /// True if the sent text must not be shown.
    pub secret: bool,
    /// The text to wait for after that.
    pub wait: Option<SerialWait<P>>,
}

/// The text that a `serial` step waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum SerialWait<P: Phase = Rendered> {
    /// Text that the machine writes now, or has written since the scenario's last match or the last restart that a step
    /// asked for.
    Appears {
        /// The expression.
        pattern: P::Of<Pattern>,
        /// The variable for the first group of the match, or for the whole match if there is no group.
        save: Option<String>,
        /// Sends the text repeatedly until the pattern matches.
        again: Option<Again<P>>,
    },
    /// Text that the machine must not write for some time from now on.
    Absent {
        /// The expression.
        pattern: P::Of<Pattern>,
        /// The time.
        lasts: P::Of<Duration>,
    },
}

/// The repetition of a sent text.
#[derive(Debug, Clone, PartialEq)]
pub struct Again<P: Phase = Rendered> {
    /// The time from one sending to the next.
    pub every: Option<P::Of<Duration>>,
}

impl Serial<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional(
            "send",
            Shape::Text,
            "Text to send first; `\\n` in double quotes is Enter.",
        ),
        Field::optional(
            "secret",
            Shape::Flag,
            "Keeps the text that is sent out of logs and reports.",
        ),
        Field::optional("regex", Shape::Text, "The regular expression to wait for."),
        Field::optional(
            "until",
            Shape::Text,
            "Like `regex`, but the text is sent again and again until the expression matches.",
        ),
        Field::optional(
            "every",
            Shape::Duration,
            "The time from one sending to the next; with `until`, 5 s when absent.",
        ),
        Field::optional(
            "save",
            Shape::Text,
            "The variable for the first group of the expression; for the whole match if it has no group.",
        ),
        Field::optional(
            "absent",
            Shape::Text,
            "A regular expression that must not appear; needs `for`.",
        ),
        Field::optional(
            "for",
            Shape::Duration,
            "The time in which it must not appear.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[Shape::Text, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            let pattern = Templated::read(reader, node)?;
            let wait = Some(SerialWait::Appears {
                pattern,
                save: None,
                again: None,
            });
            return Some(Self {
                send: None,
                secret: false,
                wait,
            });
        }
        let fields = fields(reader, node, "serial", Self::FIELDS)?;
        let send = fields.may("send", reader, |reader, node| {
            check_escapes(reader, node);
            Templated::read(reader, node)
        });
        let secret = fields.may("secret", reader, Reader::flag);
        let regex = fields.may("regex", reader, Templated::read);
        let until = fields.may("until", reader, Templated::read);
        let every = fields.may("every", reader, Templated::read);
        let save = fields.may("save", reader, read_variable);
        let absent = fields.may("absent", reader, Templated::read);
        let lasts = fields.may("for", reader, Templated::read);
        let (send, secret) = (send?, secret?.unwrap_or(false));
        let (regex, until, every) = (regex?, until?, every?);
        if (until.is_some() || every.is_some()) && send.is_none() {
            return reader.invalid(
                &fields.at,
                "`until` and `every` send a text again, and there is none",
                "`send` says what is sent; `regex` alone waits",
            );
        }
        let wait = match (regex, until, save?, absent?, lasts?) {
            (Some(pattern), None, save, None, None) => Some(SerialWait::Appears {
                pattern,
                save,
                again: every.map(|every| Again { every: Some(every) }),
            }),
            (None, Some(pattern), save, None, None) => Some(SerialWait::Appears {
                pattern,
                save,
                again: Some(Again { every }),
            }),
            (None, None, None, Some(pattern), Some(lasts)) if every.is_none() => {
                Some(SerialWait::Absent { pattern, lasts })
            }
            (None, None, None, None, None) if send.is_some() && every.is_none() => None,
            _ => {
                return reader.invalid(
                    &fields.at,
                    "`serial` needs `regex`, or `until`, or `absent` with `for`, or `send`",
                    "`regex` (with `save`) waits for text, `until` sends some until it comes, `absent` with `for` \
                    makes sure of none, `send` sends some first",
                );
            }
        };
        Some(Self { send, secret, wait })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Serial<V::To>, Diagnostic> {
        Ok(Serial {
            send: visitor.option(&self.send)?,
            secret: self.secret,
            wait: match &self.wait {
                None => None,
                Some(SerialWait::Appears {
                    pattern,
                    save,
                    again,
                }) => Some(SerialWait::Appears {
                    pattern: visitor.value(pattern)?,
                    save: save.clone(),
                    again: match again {
                        Some(Again { every }) => Some(Again {
                            every: visitor.option(every)?,
                        }),
                        None => None,
                    },
                }),
                Some(SerialWait::Absent { pattern, lasts }) => Some(SerialWait::Absent {
                    pattern: visitor.value(pattern)?,
                    lasts: visitor.value(lasts)?,
                }),
            },
        })
    }

    pub(super) fn saved(&self) -> Option<&str> {
        match &self.wait {
            Some(SerialWait::Appears { save, .. }) => save.as_deref(),
            Some(SerialWait::Absent { .. }) | None => None,
        }
    }
}

impl Serial {
    /// Makes the text itself secret if the step says so.
    pub(super) fn mask(mut self) -> Self {
        if self.secret {
            self.send = self.send.map(Text::into_secret);
        }
        self
    }
}

impl<P: Phase> Serial<P> {
    pub(super) fn line(&self) -> String {
        let mut words = Vec::new();
        if let Some(send) = &self.send {
            let text = send.shown();
            let hidden = self.secret || text == MASK;
            words.push(if hidden {
                format!("send {MASK}")
            } else {
                format!("send {text:?}")
            });
        }
        match &self.wait {
            Some(SerialWait::Appears { pattern, again, .. }) => {
                let pattern = pattern.shown();
                words.push(match again {
                    Some(_) => format!("again until /{pattern}/"),
                    None => format!("/{pattern}/"),
                });
            }
            Some(SerialWait::Absent { pattern, lasts }) => {
                words.push(format!("no /{}/ for {}", pattern.shown(), lasts.shown()));
            }
            None => {}
        }
        words.join(", then ")
    }
}
