use std::time::Duration;

use crate::nearest::did_you_mean;
use crate::phase::{Renderer, Visitor};
use crate::schema::Shape;
use crate::templated::Shown;
use crate::yaml::{Field, Kind, Node, Reader};
use crate::{
    Code, Diagnostic, Exit, Pattern, Phase, Project, Render, Rendered, Scenario, Span, TagQuery,
    Text, Vars, Written,
};

/// Something that must hold all the time: `watch:` in a project or a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch<P: Phase = Rendered> {
    /// What a breach is called, and what a scenario replaces or switches off the project's watch by. A watch without a
    /// name is called by what it watches.
    pub name: String,
    /// What must hold.
    pub kind: WatchKind<P>,
    /// Where it is written.
    pub at: Span,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchKind<P: Phase = Rendered> {
    /// `serial`: a pattern that must not appear on the serial console.
    Serial(P::Of<Pattern>),
    /// `needle`: needles that must not appear on the screen.
    Needle(TagQuery<P>),
    /// `reboots`: whether resets that no step asked for are a breach.
    Reboots(Reboots),
    /// `run`: a command that must keep succeeding.
    Command {
        /// The command line.
        command: P::Of<Text>,
        /// The user it runs as; absent: the superuser.
        user: Option<P::Of<Text>>,
        /// The exit status it must end with.
        exit: Exit,
        /// Time from one start to the next.
        every: P::Of<Duration>,
    },
}

/// Which resets of the machine are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reboots {
    /// Only those a step asks for. This holds without any watch.
    #[default]
    ExpectedOnly,
    /// All: for scenarios whose guest restarts by itself.
    Any,
}

/// What `watch:` of a scenario changes in what the project watches.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchRule {
    /// Adds a watch, or replaces the project's watch of the same name.
    Watch(Box<Watch<Written>>),
    /// `off: name`: switches a watch of the project off.
    Off {
        /// The name of the watch.
        name: String,
        /// Where it is written.
        at: Span,
    },
}

impl WatchRule {
    const COMMON: &'static [Field] = &[
        Field::optional(
            "serial",
            Shape::Text,
            "A regular expression that must not appear on the serial console.",
        ),
        Field::optional(
            "needle",
            Shape::OneOrList(&Shape::Text),
            "A tag that must not appear on the screen.",
        ),
        Field::optional(
            "reboots",
            Shape::Choice(&["expected-only", "any"]),
            "Whether resets that no step asked for are a breach.",
        ),
        Field::optional("run", Shape::Text, "A command that must keep succeeding."),
        Field::optional("every", Shape::Duration, "How often the command runs."),
        Field::optional("user", Shape::Text, "The user the command runs as."),
        Field::optional(
            "exit",
            Exit::SHAPE,
            "The exit status the command must end with.",
        ),
        Field::optional(
            "name",
            Shape::Text,
            "What a breach is called; a scenario replaces a watch by its name.",
        ),
    ];
    const OFF: &'static [Field] = &[Field::optional(
        "off",
        Shape::Text,
        "Name of a watch of the project that is switched off.",
    )];
    pub(crate) const SHAPE: Shape = Shape::Fields(&[Self::COMMON, Self::OFF]);

    /// Reads a rule of a scenario.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if let Kind::Map(entries) = &node.kind
            && let Some((_, off)) = entries.iter().find(|(key, _)| key.name == "off")
        {
            reader.fields(node, "`off`", &[Self::OFF])?;
            let name = reader.plain(off)?;
            return Some(Self::Off {
                name: name.value,
                at: name.at,
            });
        }
        Watch::read_with(reader, node, &[Self::COMMON, Self::OFF])
            .map(|watch| Self::Watch(Box::new(watch)))
    }
}

impl Watch<Written> {
    pub(crate) const SHAPE: Shape = Shape::Fields(&[WatchRule::COMMON]);

    /// Reads a watch of a project.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        Self::read_with(reader, node, &[WatchRule::COMMON])
    }

    fn read_with(reader: &mut Reader, node: &Node, known: &[&[Field]]) -> Option<Self> {
        let fields = reader.fields(node, "a watch", known)?;
        let name = fields.may("name", reader, Reader::plain);
        let kinds: Vec<&str> = ["serial", "needle", "reboots", "run"]
            .into_iter()
            .filter(|kind| fields.get(kind).is_some())
            .collect();
        let [kind] = kinds.as_slice() else {
            let message = match kinds.as_slice() {
                [] => "a watch that watches nothing".to_owned(),
                [first, second, ..] => format!("a watch of two things: `{first}` and `{second}`"),
                [_] => return None,
            };
            return reader.invalid(
                &node.at,
                message,
                "name one of `serial`, `needle`, `reboots` and `run`",
            );
        };
        for only in ["every", "user", "exit"] {
            if let (Some((key, _)), true) = (fields.entry(only), *kind != "run") {
                let message = format!("`{only}` means nothing for `{kind}`");
                reader.report(
                    Diagnostic::new(Code::InvalidValue, &key.at, message)
                        .with_help("it belongs to `run`"),
                );
            }
        }
        let kind = match *kind {
            "serial" => WatchKind::Serial(fields.need("serial", reader, Reader::pattern)?),
            "needle" => WatchKind::Needle(fields.need("needle", reader, Reader::tags)?),
            "reboots" => {
                let choices = [
                    ("expected-only", Reboots::ExpectedOnly),
                    ("any", Reboots::Any),
                ];
                WatchKind::Reboots(fields.need("reboots", reader, |r, n| {
                    r.choice(n, "value of `reboots`", &choices)
                })?)
            }
            _ => {
                let command = fields.need("run", reader, Reader::filled);
                let user = fields.may("user", reader, Reader::filled);
                let exit = fields.may("exit", reader, Exit::read);
                let every = fields.need("every", reader, |reader, node| {
                    let every = reader.value::<Duration>(node)?;
                    if every.ready() == Some(&Duration::ZERO) {
                        return reader.invalid(
                            &node.at,
                            "a command cannot run all the time",
                            "write `every: 10s`",
                        );
                    }
                    Some(every)
                });
                WatchKind::Command {
                    command: command?,
                    user: user?,
                    exit: exit?.unwrap_or_default(),
                    every: every?,
                }
            }
        };
        let name = name?.map_or_else(|| kind.line(), |name| name.value);
        Some(Self {
            name,
            kind,
            at: node.at.clone(),
        })
    }

    pub(crate) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Watch<V::To>, Diagnostic> {
        Ok(Watch {
            name: self.name.clone(),
            kind: match &self.kind {
                WatchKind::Serial(pattern) => WatchKind::Serial(visitor.value(pattern)?),
                WatchKind::Needle(needle) => WatchKind::Needle(needle.visit(visitor)?),
                WatchKind::Reboots(reboots) => WatchKind::Reboots(*reboots),
                WatchKind::Command {
                    command,
                    user,
                    exit,
                    every,
                } => WatchKind::Command {
                    command: visitor.value(command)?,
                    user: visitor.option(user)?,
                    exit: *exit,
                    every: visitor.value(every)?,
                },
            },
            at: self.at.clone(),
        })
    }
}

impl<P: Phase> WatchKind<P> {
    /// What it watches, in one short line.
    pub fn line(&self) -> String {
        match self {
            Self::Serial(pattern) => format!("serial /{}/", pattern.shown()),
            Self::Needle(needle) => format!("needle {needle}"),
            Self::Reboots(Reboots::ExpectedOnly) => "reboots expected-only".to_owned(),
            Self::Reboots(Reboots::Any) => "reboots any".to_owned(),
            Self::Command { command, .. } => format!("run {}", command.shown()),
        }
    }
}

impl Render for Watch<Written> {
    type Output = Watch;

    fn render(&self, vars: &Vars) -> Result<Watch, Diagnostic> {
        self.visit(&mut Renderer(vars))
    }
}

/// What is watched while a scenario runs: the project's watches as the scenario refines them, then its own.
pub fn watches<'a>(
    project: Option<&'a Project>,
    scenario: &'a Scenario,
) -> Vec<&'a Watch<Written>> {
    let mut watches: Vec<&Watch<Written>> = project
        .map(|project| project.watch.iter().collect())
        .unwrap_or_default();
    for rule in &scenario.watch {
        match rule {
            WatchRule::Off { name, .. } => watches.retain(|watch| watch.name != *name),
            WatchRule::Watch(own) => {
                match watches.iter_mut().find(|watch| watch.name == own.name) {
                    Some(watch) => *watch = own,
                    None => watches.push(own),
                }
            }
        }
    }
    watches
}

/// Findings about the watches of a scenario: names that are not there, names used twice.
pub(crate) fn check_watches(project: Option<&Project>, scenario: &Scenario) -> Vec<Diagnostic> {
    let of_project: Vec<&str> = project
        .map(|project| {
            project
                .watch
                .iter()
                .map(|watch| watch.name.as_str())
                .collect()
        })
        .unwrap_or_default();
    let mut findings = Vec::new();
    let mut own: Vec<&str> = Vec::new();
    for rule in &scenario.watch {
        match rule {
            WatchRule::Off { name, at } => {
                if !of_project.contains(&name.as_str()) {
                    let help =
                        did_you_mean(name, of_project.iter().copied()).unwrap_or_else(|| {
                            "only named watches of the project can be switched off".to_owned()
                        });
                    findings.push(
                        Diagnostic::new(Code::UnknownWatch, at, format!("unknown watch `{name}`"))
                            .with_help(help),
                    );
                }
            }
            WatchRule::Watch(watch) => {
                if own.contains(&watch.name.as_str()) {
                    let message = format!("two watches are called `{}`", watch.name);
                    findings.push(Diagnostic::new(Code::DuplicateName, &watch.at, message));
                }
                own.push(&watch.name);
            }
        }
    }
    findings
}
