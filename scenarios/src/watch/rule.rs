//! The entries of `watch:`.

use super::hopeless::HOPELESS;
use super::ready_made::ReadyMade;
use super::watch::{Watch, WatchedBy};
use crate::finding::{Code, Diagnostic, Span, did_you_mean};
use crate::value::Written;
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// An entry of `watch:`, which changes the project's watches.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchRule {
    /// Adds a watch, or replaces the project's watch of the same name.
    Watch(Box<Watch<Written>>),
    /// `off: name`: switches off a watch of the project.
    Off {
        /// The name of the watch.
        name: String,
        /// The place of the entry.
        at: Span,
    },
}

impl WatchRule {
    const OFF: &'static [Field] = &[Field::optional(
        "off",
        Shape::Text,
        "The name of a watch of `qa.yaml`, or of a state that ends a wait. It is switched off.",
    )];
    pub(crate) const SHAPE: Shape = Shape::OneOf(&[
        Shape::Choice(ReadyMade::WORDS),
        Shape::Fields(&[Watch::FIELDS, Self::OFF]),
    ]);

    const OFF_STATE: &'static [Field] = &[Field::optional(
        "off",
        Shape::Choice(&HOPELESS),
        "The name of a state that does not end a wait here.",
    )];
    pub(crate) const PROJECT_SHAPE: Shape = Shape::OneOf(&[
        Shape::Choice(ReadyMade::WORDS),
        Shape::Fields(&[Watch::FIELDS, Self::OFF_STATE]),
    ]);
    /// The entries of an image's `watch`: hopeless states from which its systems recover.
    pub(crate) const IMAGE_SHAPE: Shape = Shape::Fields(&[Self::OFF_STATE]);

    /// Reads an entry of a scenario.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        Self::read_of(reader, node, WatchedBy::Scenario, Self::OFF)
    }

    /// Reads an entry of a project.
    pub(crate) fn read_of_project(reader: &mut Reader, node: &Node) -> Option<Self> {
        let rule = Self::read_of(reader, node, WatchedBy::Project, Self::OFF_STATE)?;
        rule.check_state(reader).then_some(rule)
    }

    /// Reads an entry of an image: the name of a hopeless state that does not end a wait there.
    pub(crate) fn read_of_image(reader: &mut Reader, node: &Node) -> Option<String> {
        let fields = reader.fields(node, "a rule of an image", &[Self::OFF_STATE])?;
        let name = fields.need("off", reader, Reader::plain)?;
        let rule = Self::Off {
            name: name.value.clone(),
            at: name.at,
        };
        rule.check_state(reader).then_some(name.value)
    }

    fn read_of(
        reader: &mut Reader,
        node: &Node,
        by: WatchedBy,
        off: &'static [Field],
    ) -> Option<Self> {
        if let Kind::Map(entries) = &node.kind
            && let Some((_, name)) = entries.iter().find(|(key, _)| key.name == "off")
        {
            reader.fields(node, "`off`", &[off])?;
            let name = reader.plain(name)?;
            return Some(Self::Off {
                name: name.value,
                at: name.at,
            });
        }
        Watch::read_with(reader, node, &[Watch::FIELDS, off], by)
            .map(|watch| Self::Watch(Box::new(watch)))
    }

    /// Reports an unknown state. Only a scenario can switch off watches.
    fn check_state(&self, reader: &mut Reader) -> bool {
        let Self::Off { name, at } = self else {
            return true;
        };
        let is_known = HOPELESS.contains(&name.as_str());
        if !is_known {
            let help = did_you_mean(name, HOPELESS)
                .unwrap_or_else(|| format!("the states are {}", HOPELESS.join(", ")));
            let message = format!("unknown state `{name}`");
            reader.report(Diagnostic::new(Code::UnknownWatch, at, message).with_help(help));
        }
        is_known
    }
}
