//! A watch and its fields.

use std::time::Duration;

use super::kind::{Reboots, WatchKind};
use super::ready_made::ReadyMade;
use crate::finding::{Code, Diagnostic, Span};
use crate::step::Exit;
use crate::value::{
    Phase, Render, Rendered, Renderer, TagQuery, Templated, Vars, Visitor, Written,
};
use crate::yaml::{Field, Fields, Kind, Node, Reader, Shape};

/// A condition that must hold all the time: `watch:` in a project or a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch<P: Phase = Rendered> {
    /// The name for messages. A scenario uses it to replace or switch off a watch of the project. The default name is
    /// the subject of the watch.
    pub name: String,
    /// The subject.
    pub kind: WatchKind<P>,
    /// The file that has the watch.
    pub by: WatchedBy,
    /// The place of the watch.
    pub at: Span,
}

/// The file that has a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchedBy {
    /// The project, for all its scenarios. If the watch cannot be checked, the report says so.
    Project,
    /// The scenario. If the watch cannot be checked, the scenario has not proved its claim.
    Scenario,
}

/// The fields for the subjects of watches. A watch has exactly one of them.
const KINDS: [&str; 8] = [
    "serial",
    "journal",
    "needle",
    "reboots",
    "run",
    "failed-units",
    "coredumps",
    "segfault",
];

impl Watch<Written> {
    const EXCEPT: &'static [Field] = &[Field::optional(
        "except",
        Shape::OneOrList(&Shape::Text),
        "The names that are no breach.",
    )];
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional(
            "serial",
            Shape::Text,
            "A regular expression that must not appear on the serial console.",
        ),
        Field::optional(
            "journal",
            Shape::Text,
            "A regular expression that must not appear in the guest's journal.",
        ),
        Field::optional(
            "needle",
            Shape::OneOrList(&Shape::Text),
            "A tag that must not appear on the screen.",
        ),
        Field::optional(
            "reboots",
            Shape::Choice(&["expected-only", "any"]),
            "With `expected-only`, a reset that no step asked for is a breach.",
        ),
        Field::optional("run", Shape::Text, "A command that must succeed each time."),
        Field::optional(
            "failed-units",
            Shape::OneOf(&[Shape::Nothing, Shape::Fields(&[Self::EXCEPT])]),
            "No unit of the guest's systemd may fail.",
        ),
        Field::optional(
            "coredumps",
            Shape::OneOf(&[Shape::Nothing, Shape::Fields(&[Self::EXCEPT])]),
            "No program in the guest may dump core.",
        ),
        Field::optional(
            "segfault",
            Shape::OneOrList(&Shape::Text),
            "Programs that must not crash. The kernel of the guest reports such a crash.",
        ),
        Field::optional(
            "every",
            Shape::Duration,
            "The time from one look to the next. The agent of the guest answers.",
        ),
        Field::optional("user", Shape::Text, "The user who runs the command."),
        Field::optional(
            "exit",
            Exit::SHAPE,
            "The exit status that the command must end with.",
        ),
        Field::optional(
            "name",
            Shape::Text,
            "The name of the watch. In a scenario, it replaces the watch of this name in `qa.yaml`.",
        ),
    ];

    pub(super) fn read_with(
        reader: &mut Reader,
        node: &Node,
        known: &[&[Field]],
        by: WatchedBy,
    ) -> Option<Self> {
        if let Kind::Scalar { .. } = node.kind {
            let (name, kind) = ReadyMade::read(reader, node)?;
            return Some(Self {
                name,
                kind,
                by,
                at: node.at.clone(),
            });
        }
        let fields = reader.fields(node, "a watch", known)?;
        let name = fields.may("name", reader, Reader::plain);
        let kind = Self::kind_of(reader, node, &fields)?;
        let kind = Self::read_kind(reader, &fields, kind)?;
        let name = name?.map_or_else(|| kind.line(), |name| name.value);
        Some(Self {
            name,
            kind,
            by,
            at: node.at.clone(),
        })
    }

    /// Returns the field with the subject of a watch. Reports fields that do not belong to it.
    fn kind_of(reader: &mut Reader, node: &Node, fields: &Fields<'_>) -> Option<&'static str> {
        let kinds: Vec<&str> = KINDS
            .into_iter()
            .filter(|kind| fields.get(kind).is_some())
            .collect();
        let kind = match kinds.as_slice() {
            [kind] => *kind,
            several => {
                let message = match several {
                    [first, second, ..] => {
                        format!("a watch of two things: `{first}` and `{second}`")
                    }
                    _ => "a watch that watches nothing".to_owned(),
                };
                let all: Vec<String> = KINDS.iter().map(|kind| format!("`{kind}`")).collect();
                let help = format!("name one of {}", all.join(", "));
                return reader.invalid(&node.at, message, &help);
            }
        };
        let asks = ["run", "journal", "failed-units", "coredumps", "segfault"];
        for (only, of) in [
            ("every", asks.as_slice()),
            ("user", &["run"]),
            ("exit", &["run"]),
        ] {
            if let (Some((key, _)), false) = (fields.entry(only), of.contains(&kind)) {
                let message = format!("`{only}` means nothing for `{kind}`");
                let of: Vec<String> = of.iter().map(|kind| format!("`{kind}`")).collect();
                reader.report(
                    Diagnostic::new(Code::InvalidValue, &key.at, message)
                        .with_help(format!("it belongs to {}", of.join(", "))),
                );
            }
        }
        Some(kind)
    }

    fn read_kind(
        reader: &mut Reader,
        fields: &Fields<'_>,
        kind: &str,
    ) -> Option<WatchKind<Written>> {
        Some(match kind {
            "serial" => WatchKind::Serial(fields.need("serial", reader, Templated::read)?),
            "journal" => {
                let pattern = fields.need("journal", reader, Templated::read);
                let every = fields.may("every", reader, read_every);
                WatchKind::Journal {
                    pattern: pattern?,
                    every: every?,
                }
            }
            "needle" => WatchKind::Needle(fields.need("needle", reader, TagQuery::read)?),
            "reboots" => {
                let choices = [
                    ("expected-only", Reboots::ExpectedOnly),
                    ("any", Reboots::Any),
                ];
                WatchKind::Reboots(fields.need("reboots", reader, |r, n| {
                    r.choice(n, "value of `reboots`", &choices)
                })?)
            }
            "failed-units" => {
                let except = fields.need("failed-units", reader, read_except);
                let every = fields.may("every", reader, read_every);
                WatchKind::FailedUnits {
                    except: except?,
                    every: every?,
                }
            }
            "coredumps" => {
                let except = fields.need("coredumps", reader, read_except);
                let every = fields.may("every", reader, read_every);
                WatchKind::Coredumps {
                    except: except?,
                    every: every?,
                }
            }
            "segfault" => {
                let programs = fields.need("segfault", reader, read_programs);
                let every = fields.may("every", reader, read_every);
                WatchKind::Segfault {
                    programs: programs?,
                    every: every?,
                }
            }
            _ => {
                let command = fields.need("run", reader, Templated::read_filled);
                let user = fields.may("user", reader, Templated::read_filled);
                let exit = fields.may("exit", reader, Exit::read);
                let every = fields.need("every", reader, read_every);
                WatchKind::Command {
                    command: command?,
                    user: user?,
                    exit: exit?.unwrap_or_default(),
                    every: every?,
                }
            }
        })
    }

    pub(crate) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Watch<V::To>, Diagnostic> {
        Ok(Watch {
            name: self.name.clone(),
            kind: self.kind.visit(visitor)?,
            by: self.by,
            at: self.at.clone(),
        })
    }
}

fn read_every(reader: &mut Reader, node: &Node) -> Option<Templated<Duration>> {
    let every = Templated::<Duration>::read(reader, node)?;
    if every.ready() == Some(&Duration::ZERO) {
        return reader.invalid(
            &node.at,
            "a command cannot run all the time",
            "write `every: 10s`",
        );
    }
    Some(every)
}

fn read_except(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    if node.kind == Kind::Null {
        return Some(Vec::new());
    }
    let fields = reader.fields(node, "what is excepted", &[Watch::EXCEPT])?;
    let except = fields.may("except", reader, |r, n| r.one_or_list(n, Reader::plain))?;
    let except = except.unwrap_or_default().into_iter();
    Some(except.map(|name| name.value).collect())
}

fn read_programs(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    let programs = reader.one_or_list(node, Reader::plain)?;
    if programs.is_empty() {
        return reader.invalid(
            &node.at,
            "a watch of no program",
            "name at least one, such as `segfault: gnome-shell`",
        );
    }
    Some(programs.into_iter().map(|name| name.value).collect())
}

impl Render for Watch<Written> {
    type Output = Watch;

    fn render(&self, vars: &Vars) -> Result<Watch, Diagnostic> {
        self.visit(&mut Renderer(vars))
    }
}
