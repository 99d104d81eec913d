//! A scenario file.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::{Code, Diagnostic, Source, Span, Spanned, sort};
use crate::keyboard::Keyboard;
use crate::project::{Capability, is_folder_name};
use crate::step::{Step, read_steps};
use crate::value::{Secret, WrittenValue};
use crate::watch::WatchRule;
use crate::yaml::{self, Field, Fields, Kind, Node, Reader, Shape};

/// A scenario: a named test.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The name: that of the file, without folder and extension.
    pub name: String,
    /// The purpose, in a sentence.
    pub title: Option<String>,
    /// The image. Absent: that of the scenario it starts after, else the project's only one.
    pub image: Option<Spanned<String>>,
    /// The machine. Absent: that of the scenario it starts after, else the image's.
    pub machine: Option<Spanned<String>>,
    /// The scenario at whose end it starts. Absent: it starts at power-on.
    pub after: Option<Spanned<String>>,
    /// The capabilities that it needs, such as `agent` or `network`. It is skipped without them.
    pub requires: Vec<Capability>,
    /// Words to select scenarios by.
    pub tags: Vec<Spanned<String>>,
    /// The layout of the keyboard. Absent: that of the image, the machine or the project.
    pub keyboard: Option<Keyboard>,
    /// The variables that it declares.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// The secrets that it declares.
    pub secrets: Vec<Secret>,
    /// The watches.
    pub watch: Vec<WatchRule>,
    /// The steps, as written.
    pub steps: Vec<Step>,
    /// True for a fragment, which can only be included.
    pub fragment: bool,
    /// The file.
    pub source: Arc<Source>,
    /// The place for findings about the whole scenario: its title, else the beginning of the file.
    pub at: Span,
}

impl Scenario {
    pub(crate) const FIELDS: &'static [Field] = &[
        Field::optional(
            "title",
            Shape::Text,
            "What the scenario tests, in one sentence.",
        ),
        Field::optional("image", Shape::Text, "The name of its image."),
        Field::optional("machine", Shape::Text, "The name of its machine."),
        Field::optional(
            "after",
            Shape::Text,
            "The scenario after which it starts, on the same machine; power-on when absent.",
        ),
        Field::optional(
            "requires",
            Shape::OneOrList(&Shape::Choice(&["agent", "display", "network", "tpm"])),
            "The capabilities that it needs of the machine, such as `agent`. If one is missing, the scenario is \
            skipped.",
        ),
        Field::optional(
            "tags",
            Shape::OneOrList(&Shape::Text),
            "Words by which scenarios can be chosen.",
        ),
        Keyboard::FIELD,
        Field::optional(
            "vars",
            Shape::Names(&Shape::OneOrList(&Shape::Text)),
            "Variables; `{{ name }}` stands for the value in any text.",
        ),
        Field::optional("secrets", Secret::SHAPE, "Variables that are never shown."),
        Field::optional(
            "watch",
            Shape::List(&WatchRule::SHAPE),
            "The conditions that must hold all the time.",
        ),
        Field::required("steps", Shape::Steps, "The steps, in order."),
        Field::optional(
            "fragment",
            Shape::Flag,
            "The file is a fragment: other files include it.",
        ),
    ];

    /// Reads a scenario file.
    ///
    /// Returns the scenario as far as it could be read, and all findings. A scenario with an error lacks the wrong
    /// steps and fields. It must not be run, but other scenarios can be checked against it.
    pub fn read(source: &Arc<Source>) -> (Option<Self>, Vec<Diagnostic>) {
        let mut reader = Reader::default();
        let scenario = match yaml::parse(source, &mut reader.diagnostics) {
            Ok(node) => Self::from_node(&mut reader, source, &node),
            Err(error) => {
                reader.report(error);
                None
            }
        };
        sort(&mut reader.diagnostics);
        (scenario, reader.diagnostics)
    }

    fn from_node(reader: &mut Reader, source: &Arc<Source>, node: &Node) -> Option<Self> {
        if node.kind == Kind::Null {
            reader.report(
                Diagnostic::new(Code::MissingField, &node.at, "the file is empty")
                    .with_help("a scenario begins with `title:` and needs `steps:`"),
            );
            return None;
        }
        let fields = reader.fields(node, "a scenario", &[Self::FIELDS])?;
        let title = fields.may("title", reader, Reader::plain).flatten();
        let image = fields.may("image", reader, Reader::plain).flatten();
        let machine = fields.may("machine", reader, Reader::plain).flatten();
        let after = fields.may("after", reader, Reader::plain).flatten();
        let requires = fields
            .may("requires", reader, |r, n| {
                r.one_or_list(n, |r, n| r.choice(n, "capability", Capability::NAMES))
            })
            .flatten();
        let tags = fields
            .may("tags", reader, |r, n| r.one_or_list(n, Reader::plain))
            .flatten();
        let keyboard = fields.may("keyboard", reader, Keyboard::read).flatten();
        let vars = fields.may("vars", reader, WrittenValue::read_all).flatten();
        let secrets = fields.may("secrets", reader, Secret::read_all).flatten();
        let watch = fields
            .may("watch", reader, |r, n| {
                r.list(n, "a list of watches", WatchRule::read)
            })
            .flatten();
        let steps = fields.need("steps", reader, read_steps);
        let fragment = fields
            .may("fragment", reader, Reader::flag)
            .flatten()
            .unwrap_or(false);
        if fragment {
            refuse_in_fragment(reader, &fields);
        }
        let name = source.stem().to_owned();
        let at = match fields.entry("title") {
            Some((key, _)) => key.at.clone(),
            None => Span::new(source, node.at.range().start..node.at.range().start + 1),
        };
        if !is_folder_name(&name) {
            reader.report(
                Diagnostic::new(
                    Code::InvalidValue,
                    &at,
                    format!("`{name}` cannot be the name of a scenario"),
                )
                .with_help("rename the file: letters, digits, `-`, `_` and `.`"),
            );
        }
        Some(Self {
            name,
            title: title.map(|title| title.value),
            image,
            machine,
            after,
            requires: requires.unwrap_or_default(),
            tags: tags.unwrap_or_default(),
            keyboard,
            vars: vars.unwrap_or_default(),
            secrets: secrets.unwrap_or_default(),
            watch: watch.unwrap_or_default(),
            steps: steps.unwrap_or_default(),
            fragment,
            source: Arc::clone(source),
            at,
        })
    }

    /// Returns all steps in the order they are written, including steps inside others.
    pub fn all_steps(&self) -> Vec<&Step> {
        let mut all = Vec::new();
        for step in &self.steps {
            step.walk(&mut |step| all.push(step));
        }
        all
    }
}

/// Reports fields that only a scenario can have.
fn refuse_in_fragment(reader: &mut Reader, fields: &Fields<'_>) {
    for name in [
        "image", "machine", "after", "requires", "keyboard", "watch", "secrets",
    ] {
        if let Some((key, _)) = fields.entry(name) {
            let message = format!("a fragment has no `{name}`");
            reader.report(
                Diagnostic::new(Code::InvalidValue, &key.at, message)
                    .with_help("write it into the scenarios that include the fragment"),
            );
        }
    }
}
