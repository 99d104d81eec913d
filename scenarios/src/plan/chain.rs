//! The scenarios that run before a requested one.

use std::sync::Arc;

use crate::bounds::DEEPEST;
use crate::finding::{Code, Diagnostic, Spanned};
use crate::library::Library;
use crate::scenario::Scenario;

/// The scenarios from power-on to a requested scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The scenarios in the order they run. The last one is judged. Never empty.
    pub stages: Vec<Arc<Scenario>>,
    judged: Arc<Scenario>,
}

/// The reason why a scenario has no chain.
pub(crate) struct ChainError {
    pub(crate) finding: Diagnostic,
    /// The scenarios that cause it: one, or all of a circle.
    pub(crate) blamed: Vec<String>,
}

impl Chain {
    /// Makes a chain of `stages`, of which `judged` is the last.
    pub(super) fn new(stages: Vec<Arc<Scenario>>, judged: &Arc<Scenario>) -> Self {
        Self {
            stages,
            judged: Arc::clone(judged),
        }
    }

    /// Returns the scenario that is judged.
    pub fn judged(&self) -> &Arc<Scenario> {
        &self.judged
    }

    /// Returns the image that the scenarios name.
    pub fn image(&self) -> Option<&str> {
        self.image_at().map(|image| image.value.as_str())
    }

    /// Returns the machine that the scenarios name.
    pub fn machine(&self) -> Option<&str> {
        self.machine_at().map(|machine| machine.value.as_str())
    }

    /// Returns the image that the scenarios name, with its place.
    pub(crate) fn image_at(&self) -> Option<&Spanned<String>> {
        self.stages
            .iter()
            .rev()
            .find_map(|stage| stage.image.as_ref())
    }

    /// Returns the machine that the scenarios name, with its place.
    pub(crate) fn machine_at(&self) -> Option<&Spanned<String>> {
        self.stages
            .iter()
            .rev()
            .find_map(|stage| stage.machine.as_ref())
    }

    /// Returns the chain of a scenario.
    pub(crate) fn to(library: &Library, scenario: &Arc<Scenario>) -> Result<Self, Box<ChainError>> {
        let mut way = vec![Arc::clone(scenario)];
        let mut current = scenario;
        while let Some(after) = &current.after {
            let broken = |finding| {
                Box::new(ChainError {
                    finding,
                    blamed: vec![current.name.clone()],
                })
            };
            let Some(parent) = library.get(after) else {
                let finding = Diagnostic::new(
                    Code::UnknownScenario,
                    &after.at,
                    format!("unknown scenario `{}`", after.value),
                );
                return Err(broken(finding.with_help(library.help_for(after))));
            };
            if let Some(from) = way.iter().position(|seen| seen.name == parent.name) {
                return Err(cycle(&way[from..]));
            }
            if way.len() == DEEPEST {
                let message = format!(
                    "`{}` starts after {DEEPEST} scenarios, each after the one before",
                    scenario.name
                );
                let finding = Diagnostic::new(Code::Unreachable, &after.at, message);
                return Err(broken(finding.with_help(
                    "join some of them: steps that many scenarios share can be in a file with `fragment: true`",
                )));
            }
            let elsewhere = |what: &str,
                             own: &Option<Spanned<String>>,
                             theirs: Option<&Spanned<String>>| match (
                own, theirs,
            ) {
                (Some(own), Some(theirs)) if own.value != theirs.value => {
                    let message = format!(
                        "`{}` is on the {what} `{}`, but starts after `{}`, which is on `{}`",
                        current.name, own.value, parent.name, theirs.value
                    );
                    Some(
                        Diagnostic::new(Code::AfterElsewhere, &own.at, message).with_help(format!(
                            "leave `{what}:` out: it is that of `{}`",
                            parent.name
                        )),
                    )
                }
                _ => None,
            };
            let image = above(library, parent, |scenario| scenario.image.as_ref());
            let machine = above(library, parent, |scenario| scenario.machine.as_ref());
            if let Some(finding) = elsewhere("image", &current.image, image)
                .or_else(|| elsewhere("machine", &current.machine, machine))
            {
                return Err(broken(finding));
            }
            way.push(Arc::clone(parent));
            current = parent;
        }
        way.reverse();
        Ok(Self::new(way, scenario))
    }
}

/// Returns the answer of `say` for the scenario, or for the nearest scenario before it that has one.
fn above<'a>(
    library: &'a Library,
    scenario: &'a Scenario,
    say: impl Fn(&'a Scenario) -> Option<&'a Spanned<String>>,
) -> Option<&'a Spanned<String>> {
    let mut current = scenario;
    // The limit also ends a circle.
    for _ in 0..=DEEPEST {
        if let Some(said) = say(current) {
            return Some(said);
        }
        current = library.get(current.after.as_ref()?)?;
    }
    None
}

/// Makes the finding about a circle. It is the same from every entry point.
fn cycle(members: &[Arc<Scenario>]) -> Box<ChainError> {
    let first = members
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| a.name.cmp(&b.name))
        .map_or(0, |(index, _)| index);
    let mut names: Vec<&str> = members[first..]
        .iter()
        .chain(&members[..first])
        .map(|s| s.name.as_str())
        .collect();
    names.push(names[0]);
    let member = &members[first];
    let at = member.after.as_ref().map_or(&member.at, |after| &after.at);
    let finding = Diagnostic::new(
        Code::AfterCycle,
        at,
        format!(
            "scenarios that start after each other: {}",
            names.join(" -> ")
        ),
    )
    .with_help("one of them must start at power-on: leave out its `after:`");
    Box::new(ChainError {
        finding,
        blamed: members.iter().map(|member| member.name.clone()).collect(),
    })
}
