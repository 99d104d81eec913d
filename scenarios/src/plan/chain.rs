use std::sync::Arc;

use crate::bounds::DEEPEST;
use crate::finding::{Code, Diagnostic, Spanned};
use crate::library::Library;
use crate::scenario::Scenario;

/// The way from power-on to a requested scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The scenarios in the order they run; the last is the one that is judged. Never empty.
    pub stages: Vec<Arc<Scenario>>,
    judged: Arc<Scenario>,
}

/// Why there is no way to a scenario.
pub(crate) struct Broken {
    pub(crate) finding: Diagnostic,
    /// The scenarios that are to blame: one, or all of a cycle.
    pub(crate) blamed: Vec<String>,
}

impl Chain {
    /// The way through `stages`, of which `judged` is the last.
    pub(super) fn new(stages: Vec<Arc<Scenario>>, judged: &Arc<Scenario>) -> Self {
        Self {
            stages,
            judged: Arc::clone(judged),
        }
    }

    /// The scenario that is judged.
    pub fn judged(&self) -> &Arc<Scenario> {
        &self.judged
    }

    /// The image its scenarios name.
    pub fn image(&self) -> Option<&str> {
        self.image_at().map(|image| image.value.as_str())
    }

    /// The machine its scenarios name.
    pub fn machine(&self) -> Option<&str> {
        self.machine_at().map(|machine| machine.value.as_str())
    }

    /// The image its scenarios name, with the place.
    pub(crate) fn image_at(&self) -> Option<&Spanned<String>> {
        self.stages
            .iter()
            .rev()
            .find_map(|stage| stage.image.as_ref())
    }

    /// The machine its scenarios name, with the place.
    pub(crate) fn machine_at(&self) -> Option<&Spanned<String>> {
        self.stages
            .iter()
            .rev()
            .find_map(|stage| stage.machine.as_ref())
    }

    /// The way to a scenario.
    pub(crate) fn to(library: &Library, scenario: &Arc<Scenario>) -> Result<Self, Box<Broken>> {
        let mut way = vec![Arc::clone(scenario)];
        let mut current = scenario;
        while let Some(after) = &current.after {
            let broken = |finding| {
                Box::new(Broken {
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

/// What a scenario, or the nearest one it starts after, says.
fn above<'a>(
    library: &'a Library,
    scenario: &'a Scenario,
    say: impl Fn(&'a Scenario) -> Option<&'a Spanned<String>>,
) -> Option<&'a Spanned<String>> {
    let mut current = scenario;
    // Nor is a cycle gone round for ever.
    for _ in 0..=DEEPEST {
        if let Some(said) = say(current) {
            return Some(said);
        }
        current = library.get(current.after.as_ref()?)?;
    }
    None
}

/// The finding about a cycle: the same wherever it was entered.
fn cycle(members: &[Arc<Scenario>]) -> Box<Broken> {
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
    Box::new(Broken {
        finding,
        blamed: members.iter().map(|member| member.name.clone()).collect(),
    })
}
