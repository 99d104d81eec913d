use std::time::Duration;

use crate::{
    Diagnostic, Exit, Pattern, Phase, Project, Render, Rendered, Scenario, Span, TagQuery, Text,
    Vars, Written,
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
    Watch(Watch<Written>),
    /// `off: name`: switches a watch of the project off.
    Off {
        /// The name of the watch.
        name: String,
        /// Where it is written.
        at: Span,
    },
}

impl Render for Watch<Written> {
    type Output = Watch;

    fn render(&self, vars: &Vars) -> Result<Watch, Diagnostic> {
        let _ = vars;
        todo!()
    }
}

/// What is watched while a scenario runs: the project's watches as the scenario refines them, then its own.
pub fn watches<'a>(
    project: Option<&'a Project>,
    scenario: &'a Scenario,
) -> Vec<&'a Watch<Written>> {
    let _ = (project, scenario);
    todo!()
}
