//! The fields that every verb has: `within`, `when`, `title`, `resets`, `powers_off`.

use std::time::Duration;

use super::resets::Resets;
use crate::condition::Condition;
use crate::finding::{Code, Diagnostic};
use crate::value::{Templated, Text};
use crate::yaml::{Field, Fields, Key, Kind, Node, Reader, Shape};

/// The fields that every step may have in addition to its verb, beside it or among the verb's own fields.
#[derive(Debug, Default)]
pub(crate) struct Modifiers {
    pub(super) within: Option<Templated<Duration>>,
    pub(super) when: Option<Condition>,
    pub(super) title: Option<Templated<Text>>,
    pub(super) resets: Option<Resets>,
    pub(super) powers_off: bool,
}

impl Modifiers {
    pub(crate) const FIELDS: &'static [Field] = &[
        Field::optional(
            "within",
            Shape::Duration,
            "The deadline: the longest time that the step may take, such as `60s`.",
        ),
        Field::optional(
            "when",
            Shape::Condition,
            "The step is skipped unless this condition holds.",
        ),
        Field::optional(
            "title",
            Shape::Text,
            "The name of the step on the terminal and in reports.",
        ),
        Field::optional(
            "resets",
            Resets::SHAPE,
            "The exact number of restarts of the machine while the step runs.",
        ),
        Field::optional(
            "powers_off",
            Shape::Flag,
            "The machine powers itself off while the step runs.",
        ),
    ];

    pub(super) fn is_one(name: &str) -> bool {
        Self::FIELDS.iter().any(|field| field.name == name)
    }

    /// Reads the modifiers from the step's own map or from the verb's.
    pub(super) fn read(
        reader: &mut Reader,
        step: &[(Key, Node)],
        verb: Option<&Node>,
    ) -> Option<Self> {
        let inner: &[(Key, Node)] = match verb.map(|node| &node.kind) {
            Some(Kind::Map(entries)) => entries,
            Some(Kind::Null | Kind::Scalar { .. } | Kind::List(_)) | None => &[],
        };
        let mut find = |name: &str| {
            let of =
                |entries: &'_ [(Key, Node)]| entries.iter().position(|(key, _)| key.name == name);
            match (of(step), of(inner)) {
                (Some(_), Some(second)) => {
                    reader.report(
                        Diagnostic::new(
                            Code::DuplicateKey,
                            &inner[second].0.at,
                            format!("`{name}` is written twice, next to the verb and inside it"),
                        )
                        .with_help("leave one of them out"),
                    );
                    None
                }
                (Some(at), None) => Some(Some(step[at].1.clone())),
                (None, Some(at)) => Some(Some(inner[at].1.clone())),
                (None, None) => Some(None),
            }
        };
        let (within, when, title) = (find("within"), find("when"), find("title"));
        let (resets, powers_off) = (find("resets"), find("powers_off"));
        let within = read(reader, within, Templated::<Duration>::read);
        let when = read(reader, when, Condition::read);
        let title = read(reader, title, Templated::<Text>::read_filled);
        let resets = read(reader, resets, Resets::read);
        let powers_off = read(reader, powers_off, Reader::flag);
        Some(Self {
            within: within?,
            when: when?,
            title: title?,
            resets: resets?,
            powers_off: powers_off?.unwrap_or(false),
        })
    }
}

fn read<T>(
    reader: &mut Reader,
    node: Option<Option<Node>>,
    read: impl FnOnce(&mut Reader, &Node) -> Option<T>,
) -> Option<Option<T>> {
    match node? {
        Some(node) => read(reader, &node).map(Some),
        None => Some(None),
    }
}

/// Reads the fields of a verb: its own and the modifiers.
pub(super) fn fields<'n>(
    reader: &mut Reader,
    node: &'n Node,
    verb: &str,
    own: &[Field],
) -> Option<Fields<'n>> {
    reader.fields(node, &format!("`{verb}`"), &[own, Modifiers::FIELDS])
}
