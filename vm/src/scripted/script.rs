//! The script of a machine.

use std::time::Duration;

use super::{Effect, Trigger};
use crate::{
    Capabilities, Capability, GuestCommand, GuestExit, GuestOutput, MachineSpec, Offers, Output,
    machine::Stated,
};

/// The script that a machine follows.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// The effects of starts: of all, or of the one with this number.
    starts: Vec<(Option<u32>, Vec<Effect>)>,
    rules: Vec<(Trigger, Vec<Effect>)>,
    answers: Vec<(String, Answer)>,
    without: Vec<Capability>,
}

/// The answer of a scripted agent to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The exit status.
    pub status: i64,
    /// The output.
    pub stdout: String,
    /// The time that the command takes.
    pub after: Duration,
}

impl Script {
    /// Returns the script of a machine that shows nothing and does nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds effects of each start of the machine, also after a restart.
    #[must_use]
    pub fn at_start(mut self, effects: impl IntoIterator<Item = Effect>) -> Self {
        self.starts.push((None, effects.into_iter().collect()));
        self
    }

    /// Does this at one start of the machine: 0 is when it is switched on, 1 is its first restart.
    #[must_use]
    pub fn at_start_number(
        mut self,
        number: u32,
        effects: impl IntoIterator<Item = Effect>,
    ) -> Self {
        self.starts
            .push((Some(number), effects.into_iter().collect()));
        self
    }

    /// Adds effects of a trigger, each time that it happens. They follow the effects that are under way.
    #[must_use]
    pub fn when(mut self, trigger: Trigger, effects: impl IntoIterator<Item = Effect>) -> Self {
        self.rules.push((trigger, effects.into_iter().collect()));
        self
    }

    /// Adds the agent's answer to commands that contain this text. The first answer that fits counts. A command
    /// without an answer ends with status 127.
    #[must_use]
    pub fn answer(mut self, contains: &str, answer: Answer) -> Self {
        self.answers.push((contains.to_owned(), answer));
        self
    }

    /// Takes a capability from the machine, as a board may lack it.
    #[must_use]
    pub fn without(mut self, capability: Capability) -> Self {
        self.without.push(capability);
        self
    }

    /// Returns the capabilities of a machine of `spec` that follows this script.
    pub(super) fn capabilities(&self, spec: &MachineSpec) -> Capabilities {
        let described = spec.capabilities(Offers::default());
        Capabilities::stated(|capability| match capability {
            without if self.without.contains(&without) => Stated::Lacks,
            Capability::Save | Capability::ProcessorState => Stated::Lacks,
            Capability::Screen
            | Capability::Keyboard
            | Capability::Pointer
            | Capability::Serial
            | Capability::Agent
            | Capability::PowerButton
            | Capability::Reset
            | Capability::SwitchOn
            | Capability::PowerCut
            | Capability::Pause
            | Capability::ChangeMedium
            | Capability::BootOrder
            | Capability::ResetEvents
            | Capability::ResetCauses
            | Capability::PowerOffEvents => Stated::of(described.require(capability)),
        })
    }

    /// Returns the effects of a start, counted from 0.
    pub(super) fn start(&self, number: u32) -> impl Iterator<Item = &Effect> {
        let starts = self.starts.iter();
        let these = starts.filter(move |(only, _)| only.is_none_or(|only| only == number));
        these.flat_map(|(_, effects)| effects)
    }

    pub(super) fn rules(&self) -> &[(Trigger, Vec<Effect>)] {
        &self.rules
    }

    pub(super) fn answer_to(&self, command: &GuestCommand) -> Answer {
        let text = command.text();
        let fits = self
            .answers
            .iter()
            .find(|(part, _)| text.contains(part.as_str()));
        fits.map_or_else(|| Answer::status(127), |(_, answer)| answer.clone())
    }
}

impl Answer {
    /// Returns the answer of a command that succeeds at once and writes this.
    #[must_use]
    pub fn success(stdout: &str) -> Self {
        Self {
            stdout: stdout.to_owned(),
            ..Self::status(0)
        }
    }

    /// Returns the answer of a command that ends at once with this status and writes nothing.
    #[must_use]
    pub fn status(status: i64) -> Self {
        Self {
            status,
            stdout: String::new(),
            after: Duration::ZERO,
        }
    }

    /// Returns the same answer after this time.
    #[must_use]
    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    pub(super) fn output(self) -> GuestOutput {
        GuestOutput {
            exit: GuestExit::Code(self.status),
            stdout: Output::whole(self.stdout.into_bytes()),
            stderr: Output::whole(Vec::new()),
        }
    }
}
