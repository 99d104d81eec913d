//! A step as written, and how it is read.

use std::time::Duration;

use super::action::{self, Action};
use super::modifiers::Modifiers;
use super::resets::Resets;
use super::verb::Verb;
use crate::condition::Condition;
use crate::finding::{Code, Diagnostic, Span, did_you_mean};
use crate::value::{Templated, Text, Written};
use crate::yaml::{Kind, Node, Reader};

/// A step as written in a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The action.
    pub action: Action<Written>,
    /// The nested steps of `group`, `each` and `hold`. Other verbs have none.
    pub steps: Vec<Step>,
    /// The deadline.
    pub within: Option<Templated<Duration>>,
    /// The condition without which the step is skipped.
    pub when: Option<Condition>,
    /// The title for progress and reports, instead of the line of the action.
    pub title: Option<Templated<Text>>,
    /// The restarts of the machine that the step expects, if it states them.
    pub resets: Option<Resets>,
    /// True if the machine powers itself off during the step.
    pub powers_off: bool,
    /// The place of the verb.
    pub at: Span,
}

impl Step {
    /// Returns the name of the step before it runs: its title, else its action as written.
    pub fn line(&self) -> String {
        match &self.title {
            Some(title) => action::short(&title.template().written()),
            None => self.with_expected(self.action.line()),
        }
    }

    /// Adds the expected restarts to the line of an action.
    pub(crate) fn with_expected(&self, line: String) -> String {
        let resets = self.resets.as_ref().map(ToString::to_string);
        let off = self.powers_off.then(|| "powers off".to_owned());
        let expected: Vec<String> = resets.into_iter().chain(off).collect();
        if expected.is_empty() {
            return line;
        }
        format!("{line} ({})", expected.join(", "))
    }

    /// Reads a step. Returns `None` after reporting a mistake.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            let help = match &node.kind {
                Kind::Scalar { text, .. } if Verb::from_name(text).is_some() => {
                    format!("write `- {text}:`")
                }
                _ => "write `- verb: ...`, such as `- see: login`".to_owned(),
            };
            let message = format!("expected a step, found {}", node.what());
            reader.report(Diagnostic::new(Code::WrongType, &node.at, message).with_help(help));
            return None;
        };
        let mut verbs = Vec::new();
        let mut broken = false;
        for (key, value) in entries {
            if let Some(verb) = Verb::from_name(&key.name) {
                verbs.push((verb, key, value));
            } else if !Modifiers::is_one(&key.name) {
                broken = true;
                reader.report(unknown(&key.name, &key.at, !verbs.is_empty()));
            }
        }
        // A step with an unknown verb is read to the end, to find its other mistakes.
        let verb = match verbs.as_slice() {
            [] => {
                if !broken {
                    let help = "name what the step does, such as `see: login`";
                    reader.report(
                        Diagnostic::new(Code::OneVerb, &node.at, "a step without a verb")
                            .with_help(help),
                    );
                }
                None
            }
            [verb] => Some(*verb),
            [(first, ..), (second, key, _), ..] => {
                let message = format!(
                    "a step with two verbs: `{}` and `{}`",
                    first.name(),
                    second.name()
                );
                reader.report(
                    Diagnostic::new(Code::OneVerb, &key.at, message)
                        .with_help(format!("begin another step: `- {}: ...`", second.name())),
                );
                None
            }
        };
        let inner = verb.and_then(|(verb, _, value)| (verb != Verb::Set).then_some(value));
        let modifiers = Modifiers::read(reader, entries, inner);
        let (verb, key, value) = verb?;
        let action = verb.read(reader, value);
        let steps = nested(reader, verb, value);
        let modifiers = modifiers?;
        if broken {
            return None;
        }
        Some(Self {
            action: action?,
            steps: steps?,
            within: modifiers.within,
            when: modifiers.when,
            title: modifiers.title,
            resets: modifiers.resets,
            powers_off: modifiers.powers_off,
            at: key.at.clone(),
        })
    }

    /// Calls `visit` with this step and all steps inside it, in the order they run.
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        self.steps.iter().for_each(|step| step.walk(visit));
    }
}

/// Reads a list of steps.
pub(crate) fn read_steps(reader: &mut Reader, node: &Node) -> Option<Vec<Step>> {
    let steps = reader.list(node, "a list of steps", Step::read)?;
    if steps.is_empty() {
        return reader.invalid(
            &node.at,
            "no steps",
            "write at least one, such as `- see: login`",
        );
    }
    Some(steps)
}

/// Reads the steps inside a step, for verbs that have some.
fn nested(reader: &mut Reader, verb: Verb, value: &Node) -> Option<Vec<Step>> {
    let Kind::Map(entries) = &value.kind else {
        return Some(Vec::new());
    };
    if !matches!(verb, Verb::Group | Verb::Each | Verb::Hold) {
        return Some(Vec::new());
    }
    match entries.iter().find(|(key, _)| key.name == "steps") {
        Some((_, node)) => read_steps(reader, node),
        None if verb == Verb::Hold => Some(Vec::new()),
        None => {
            let message = format!("`{}` needs the field `steps`", verb.name());
            reader.report(Diagnostic::new(Code::MissingField, &value.at, message));
            None
        }
    }
}

fn unknown(name: &str, at: &Span, has_verb: bool) -> Diagnostic {
    let verbs = Verb::ALL.iter().map(|verb| verb.name());
    let modifiers = Modifiers::FIELDS.iter().map(|field| field.name);
    let meant = || did_you_mean(name, verbs.clone().chain(modifiers.clone()));
    let help = no_fixed_wait(name).or_else(meant).unwrap_or_else(|| {
        let listed = |names: Vec<&str>| {
            names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        if has_verb {
            format!(
                "besides its verb a step has {}",
                listed(modifiers.collect())
            )
        } else {
            format!("the verbs are {}", listed(verbs.collect()))
        }
    });
    if has_verb {
        Diagnostic::new(
            Code::UnknownField,
            at,
            format!("unknown field `{name}` in a step"),
        )
        .with_help(help)
    } else {
        Diagnostic::new(Code::UnknownVerb, at, format!("unknown verb `{name}`")).with_help(help)
    }
}

/// Returns the help for a verb of other tools that waits for a fixed time.
fn no_fixed_wait(name: &str) -> Option<String> {
    ["wait", "sleep", "delay", "wait_still_screen"].contains(&name).then(|| {
        "no step waits for a fixed time: `see` waits for a needle, `still` for a screen that does not change, `serial` \
        for text on the serial console"
            .to_owned()
    })
}
