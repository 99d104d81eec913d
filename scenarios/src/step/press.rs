//! The verb `press`.

use std::time::Duration;

use super::modifiers::fields;
use crate::finding::Diagnostic;
use crate::keyboard::KeyCombo;
use crate::value::{Phase, Rendered, Shown, TagQuery, Templated, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `press`: presses keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Press<P: Phase = Rendered> {
    /// The combinations, pressed one after the other; at least one.
    pub keys: Vec<P::Of<KeyCombo>>,
    /// The greatest number of presses. Absent: one, or with `until` as many as the deadline allows.
    pub repeat: Option<P::Of<u32>>,
    /// The needle that must appear. The step stops when it does, and fails if it never does.
    pub until: Option<TagQuery<P>>,
    /// The time from one press to the next. Absent: the engine's default.
    pub every: Option<P::Of<Duration>>,
    /// The time for which the screen must not have changed before the first press. Absent: none.
    pub when_still: Option<P::Of<Duration>>,
}

impl Press<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "keys",
            Shape::OneOrList(&Shape::Text),
            "A key or a combination such as `ctrl-alt-f2`; a list is pressed one after the other.",
        ),
        Field::optional("repeat", Shape::Count, "The largest number of presses."),
        Field::optional(
            "until",
            Shape::OneOrList(&Shape::Text),
            "Presses again until this tag is on the screen. The step fails if it never is.",
        ),
        Field::optional("every", Shape::Duration, "Time from one press to the next."),
        Field::optional(
            "when_still",
            Shape::Duration,
            "Waits first until the screen has not changed for this time.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[
        Shape::OneOrList(&Shape::Text),
        Shape::Fields(&[Self::FIELDS]),
    ]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            let keys = read_keys(reader, node)?;
            return Some(Self {
                keys,
                repeat: None,
                until: None,
                every: None,
                when_still: None,
            });
        }
        let fields = fields(reader, node, "press", Self::FIELDS)?;
        let keys = fields.need("keys", reader, read_keys);
        let repeat = fields.may("repeat", reader, |reader, node| {
            let count = Templated::<u32>::read(reader, node)?;
            if count.ready() == Some(&0) {
                return reader.invalid(
                    &node.at,
                    "`repeat: 0` presses nothing",
                    "leave the step out",
                );
            }
            Some(count)
        });
        let until = fields.may("until", reader, TagQuery::read);
        let every = fields.may("every", reader, Templated::read);
        let when_still = fields.may("when_still", reader, Templated::read);
        Some(Self {
            keys: keys?,
            repeat: repeat?,
            until: until?,
            every: every?,
            when_still: when_still?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Press<V::To>, Diagnostic> {
        Ok(Press {
            keys: visitor.list(&self.keys)?,
            repeat: visitor.option(&self.repeat)?,
            until: TagQuery::visit_option(&self.until, visitor)?,
            every: visitor.option(&self.every)?,
            when_still: visitor.option(&self.when_still)?,
        })
    }
}

fn read_keys(reader: &mut Reader, node: &Node) -> Option<Vec<Templated<KeyCombo>>> {
    let keys = reader.one_or_list(node, Templated::read)?;
    if keys.is_empty() {
        return reader.invalid(
            &node.at,
            "expected a key, found an empty list",
            "name at least one key",
        );
    }
    Some(keys)
}

impl<P: Phase> Press<P> {
    pub(super) fn line(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(Shown::shown).collect();
        let mut line = keys.join(", ");
        if let Some(repeat) = &self.repeat {
            line.push_str(&format!(" {} times", repeat.shown()));
        }
        if let Some(until) = &self.until {
            line.push_str(&format!(" until {until}"));
        }
        line
    }
}
