//! Matrices as written.

use std::collections::BTreeMap;

use super::folder_name::is_folder_name;
use crate::finding::{Code, Diagnostic, Span, Spanned};
use crate::value::WrittenValue;
use crate::yaml::{Field, Node, Reader, Shape};

/// A matrix as written: images, machines and scenarios to run in every combination. [`Matrix::combinations`] lists
/// these.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Its name.
    pub name: String,
    /// The purpose, in a sentence.
    pub title: Option<String>,
    /// The lists that are combined.
    pub every: Entry,
    /// More combinations. Nothing is excluded from them.
    pub include: Vec<Entry>,
    /// The combinations of `every` to leave out: those that match everything that an entry names.
    pub exclude: Vec<Entry>,
    /// The place of its declaration.
    pub at: Span,
}

/// Images, machines and scenarios that are all combined.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The images.
    pub images: Vec<Spanned<String>>,
    /// The machines. If empty: each scenario's own, else the image's.
    pub machines: Vec<Spanned<String>>,
    /// The scenarios. If empty: those of the matrix, else all.
    pub scenarios: Vec<Spanned<String>>,
    /// Variables for the scenarios here. They win over those of scenario, image and machine.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// The place of the entry.
    pub at: Span,
}

const VARS: Shape = Shape::Names(&Shape::OneOrList(&Shape::Text));

impl Matrix {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional("title", Shape::Text, "What it is for, in one sentence."),
        Field::optional("images", Shape::OneOrList(&Shape::Text), "The images."),
        Field::optional(
            "machines",
            Shape::OneOrList(&Shape::Text),
            "The machines. When absent: the machine of the scenario, otherwise that of the image.",
        ),
        Field::optional(
            "scenarios",
            Shape::OneOrList(&Shape::Text),
            "The scenarios; all when absent.",
        ),
        Field::optional(
            "include",
            Shape::List(&Entry::INCLUDE),
            "More combinations. `exclude` does not apply to them.",
        ),
        Field::optional(
            "exclude",
            Shape::List(&Entry::EXCLUDE),
            "Combinations to leave out. An entry leaves out the combinations that have all its values.",
        ),
        Field::optional(
            "vars",
            VARS,
            "Variables. They win over those of scenario, image and machine.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, name: &Spanned<String>, node: &Node) -> Option<Self> {
        let what = format!("the matrix `{}`", name.value);
        let fields = reader.fields(node, &what, &[Self::FIELDS])?;
        let title = fields.may("title", reader, Reader::plain);
        let images = fields.may("images", reader, names);
        let machines = fields.may("machines", reader, names);
        let scenarios = fields.may("scenarios", reader, names);
        let include = fields.may("include", reader, |r, n| {
            r.list(n, "a list of combinations", Entry::included)
        });
        let exclude = fields.may("exclude", reader, |r, n| {
            r.list(n, "a list of combinations", Entry::excluded)
        });
        let vars = fields.may("vars", reader, WrittenValue::read_all);
        let images = images?.unwrap_or_default();
        let include = include?.unwrap_or_default();
        if images.is_empty() && include.is_empty() && !fields.misspells("images") {
            reader.report(
                Diagnostic::new(Code::MissingField, &name.at, format!("{what} has no image"))
                    .with_help("name them under `images:`, or combinations under `include:`"),
            );
        }
        Some(Self {
            name: name.value.clone(),
            title: title?.map(|title| title.value),
            every: Entry {
                images,
                machines: machines?.unwrap_or_default(),
                scenarios: scenarios?.unwrap_or_default(),
                vars: vars?.unwrap_or_default(),
                at: name.at.clone(),
            },
            include,
            exclude: exclude?.unwrap_or_default(),
            at: name.at.clone(),
        })
    }

    /// Returns all entries: `every`, the included ones, then the excluded ones.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        std::iter::once(&self.every)
            .chain(&self.include)
            .chain(&self.exclude)
    }
}

impl Entry {
    const PLACE: &'static [Field] = &[
        Field::optional(
            "machine",
            Shape::OneOrList(&Shape::Text),
            "The machine, or a list of them.",
        ),
        Field::optional(
            "scenario",
            Shape::OneOrList(&Shape::Text),
            "The scenario, or a list of them.",
        ),
    ];
    const INCLUDED: &'static [Field] = &[
        Field::required(
            "image",
            Shape::OneOrList(&Shape::Text),
            "The image, or a list of them.",
        ),
        Field::optional(
            "vars",
            VARS,
            "Variables. They win over those of the matrix.",
        ),
    ];
    const EXCLUDED: &'static [Field] = &[Field::optional(
        "image",
        Shape::OneOrList(&Shape::Text),
        "The image, or a list of them.",
    )];
    const INCLUDE: Shape = Shape::Fields(&[Self::INCLUDED, Self::PLACE]);
    const EXCLUDE: Shape = Shape::Fields(&[Self::EXCLUDED, Self::PLACE]);

    fn included(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`include`", &[Self::INCLUDED, Self::PLACE])?;
        let images = fields.need("image", reader, names);
        let machines = fields.may("machine", reader, names);
        let scenarios = fields.may("scenario", reader, names);
        let vars = fields.may("vars", reader, WrittenValue::read_all);
        Some(Self {
            images: images?,
            machines: machines?.unwrap_or_default(),
            scenarios: scenarios?.unwrap_or_default(),
            vars: vars?.unwrap_or_default(),
            at: node.at.clone(),
        })
    }

    fn excluded(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`exclude`", &[Self::EXCLUDED, Self::PLACE])?;
        let images = fields.may("image", reader, names)?.unwrap_or_default();
        let machines = fields.may("machine", reader, names)?.unwrap_or_default();
        let scenarios = fields.may("scenario", reader, names)?.unwrap_or_default();
        if images.is_empty() && machines.is_empty() && scenarios.is_empty() {
            if ["image", "machine", "scenario"]
                .iter()
                .any(|name| fields.misspells(name))
            {
                return None; // Told already.
            }
            return reader.invalid(
                &node.at,
                "`exclude` names nothing: it would leave nothing to run",
                "name an `image`, a `machine` or a `scenario`",
            );
        }
        Some(Self {
            images,
            machines,
            scenarios,
            vars: BTreeMap::new(),
            at: node.at.clone(),
        })
    }

    /// Returns true if it matches this image, machine and scenario. A list that is empty matches everything.
    pub(crate) fn matches(&self, image: &str, machine: &str, scenario: &str) -> bool {
        let names = |names: &[Spanned<String>], name: &str| {
            names.is_empty() || names.iter().any(|named| named.value == name)
        };
        names(&self.images, image)
            && names(&self.machines, machine)
            && names(&self.scenarios, scenario)
    }
}

/// Reads one name or a list. An empty list is refused, because it does not mean the same as a missing field.
fn names(reader: &mut Reader, node: &Node) -> Option<Vec<Spanned<String>>> {
    let names = reader.one_or_list(node, Reader::plain)?;
    if names.is_empty() {
        return reader.invalid(
            &node.at,
            "expected a name, found an empty list",
            "name at least one, or leave the field out",
        );
    }
    Some(names)
}

/// Makes the finding about a name that cannot be a part of a folder's name.
pub(super) fn unusable(what: &str, name: &Spanned<String>) -> Option<Diagnostic> {
    if is_folder_name(&name.value) {
        return None;
    }
    let message = format!("the {what} `{}` cannot be in a matrix", name.value);
    Some(
        Diagnostic::new(Code::InvalidValue, &name.at, message).with_help(
            "folders of results are called after it: rename it to letters, digits, `-`, `_` and `.`",
        ),
    )
}
