//! The reason why a step did not hold, and the verdict that follows from it.

use reports::{
    Cause, CauseKind, ChangedArea, CommandResult, Look, PointedOut, StepOutcome, Verdict,
};

/// The reason why a step did not hold. It ends the scenario, unless a group forgives it.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    blame: Blame,
    // Boxed like the evidence, because every step returns a `Result` with it, which is rarely an error.
    cause: Box<Cause>,
    /// The search for a needle and its result.
    pub look: Option<Box<Look>>,
    /// The area in which a screen changed that should be still.
    pub changed: Option<ChangedArea>,
    /// The place on the screen that the reason is about.
    pub pointed_out: Option<Box<PointedOut>>,
    /// The command that did not end as expected.
    pub command: Option<Box<CommandResult>>,
}

/// The party that is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blame {
    /// The system under test.
    Guest,
    /// The harness, the host, the machine or the scenario's author.
    Harness,
    /// A capability that the scenario needs is missing.
    Missing,
    /// The user stopped the run.
    User,
}

impl Stop {
    fn new(blame: Blame, kind: CauseKind, message: impl Into<String>) -> Self {
        Self {
            blame,
            cause: Box::new(Cause {
                kind,
                message: message.into(),
                hints: Vec::new(),
                step: None,
                place: None,
            }),
            look: None,
            changed: None,
            pointed_out: None,
            command: None,
        }
    }

    /// Makes a failure: the system under test did not do what the scenario says.
    pub(super) fn failed(kind: CauseKind, message: impl Into<String>) -> Self {
        Self::new(Blame::Guest, kind, message)
    }

    /// Makes an error: the harness, the host or the machine broke, or the scenario is wrong.
    pub(super) fn error(kind: CauseKind, message: impl Into<String>) -> Self {
        Self::new(Blame::Harness, kind, message)
    }

    /// Makes the reason for a skipped scenario: a capability that it needs is missing.
    pub(super) fn missing(message: impl Into<String>) -> Self {
        Self::new(Blame::Missing, CauseKind::Missing, message)
    }

    /// Makes the reason for a cancelled scenario: the user stopped the run.
    pub(super) fn cancelled() -> Self {
        Self::new(Blame::User, CauseKind::Cancelled, "stopped by the user")
    }

    /// Makes an error for evidence that could not be written. `what` names the evidence.
    pub(super) fn unwritable(what: &str, error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let stop = match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Self::error(
                CauseKind::DiskFull,
                format!("the host's disk is full: {what} cannot be written"),
            ),
            _ => Self::error(
                CauseKind::Harness,
                format!("{what} cannot be written: {error}"),
            ),
        };
        stop.hint("make room where the results go, or give another folder with --results")
    }

    /// Turns a failure of the system under test into an error, because its evidence could not be kept. Anything else
    /// stays as it is.
    pub(super) fn without_evidence(mut self, lost: &Self) -> Self {
        if self.blame == Blame::Guest {
            self.blame = lost.blame;
            self.cause.message = format!(
                "{}; it cannot be shown that {}",
                lost.cause.message, self.cause.message
            );
            self.cause.kind = lost.cause.kind.clone();
            self.cause.hints.splice(0..0, lost.cause.hints.clone());
        }
        self
    }

    /// Turns a failure of the system under test into an error: what watches it is broken, so nothing shows what the
    /// system did. Anything else stays as it is.
    pub(super) fn unobserved(mut self) -> Self {
        if self.blame == Blame::Guest {
            self.blame = Blame::Harness;
            self.cause.kind = CauseKind::Harness;
        }
        self
    }

    /// Adds a possible reason to the message.
    pub(super) fn because(mut self, reason: &str) -> Self {
        self.cause.message.push_str(": ");
        self.cause.message.push_str(reason);
        self
    }

    /// Puts the likely reason in front of the message: a reader looks for it first.
    pub(super) fn led_by(mut self, reason: &str) -> Self {
        self.cause.message = format!("{reason}; {}", self.cause.message);
        self
    }

    /// Adds a sentence on what to do next.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.cause.hints.push(hint.into());
        self
    }

    /// Adds a sentence on what to do next, if there is one.
    pub(super) fn hint_if(self, hint: Option<&str>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Adds the search for a needle and its result.
    pub(super) fn with_look(mut self, look: Look) -> Self {
        self.look = Some(Box::new(look));
        self
    }

    /// Adds the area in which a screen changed that should be still.
    pub(super) fn with_change(mut self, changed: Option<ChangedArea>) -> Self {
        self.changed = changed;
        self
    }

    /// Adds the place on the screen that the reason is about.
    pub(super) fn pointing_at(mut self, place: Option<PointedOut>) -> Self {
        self.pointed_out = place.map(Box::new);
        self
    }

    /// Adds the command and its answer.
    pub(super) fn with_command(mut self, command: CommandResult) -> Self {
        self.command = Some(Box::new(command));
        self
    }

    /// Adds the step and its place in the file. If an inner step was added before, it stays.
    pub(super) fn at(mut self, step: &str, place: &str) -> Self {
        if self.cause.step.is_none() {
            self.cause.step = Some(step.to_owned());
            self.cause.place = Some(place.to_owned());
        }
        self
    }

    /// Returns the cause, for the event log.
    pub(super) fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Returns the outcome of the step.
    pub(super) fn outcome(&self) -> StepOutcome {
        match self.blame {
            Blame::Guest => StepOutcome::Failed,
            Blame::Harness => StepOutcome::Error,
            Blame::Missing => StepOutcome::Skipped,
            Blame::User => StepOutcome::Cancelled,
        }
    }

    /// Returns the verdict of the scenario.
    pub(super) fn verdict(&self) -> Verdict {
        match self.blame {
            Blame::Guest => Verdict::Failed,
            Blame::Harness => Verdict::Error,
            Blame::Missing => Verdict::Skipped,
            Blame::User => Verdict::Cancelled,
        }
    }

    /// Returns whether it blames the system under test.
    pub(super) fn blames_guest(&self) -> bool {
        self.blame == Blame::Guest
    }

    /// Returns whether an `optional` group or a `retry` may forgive it. That needs a failure of the guest and a machine
    /// that can continue.
    pub(super) fn is_forgivable(&self) -> bool {
        self.blame == Blame::Guest
            && match &self.cause.kind {
                CauseKind::Deadline | CauseKind::Command | CauseKind::Assertion => true,
                CauseKind::Watch(_)
                | CauseKind::UnexpectedReset
                | CauseKind::Resets
                | CauseKind::UnexpectedShutdown
                | CauseKind::Panic
                | CauseKind::MachineExited
                | CauseKind::InternalError
                | CauseKind::DiskFull
                | CauseKind::Launch
                | CauseKind::Image
                | CauseKind::Scenario
                | CauseKind::Missing
                | CauseKind::Cancelled
                | CauseKind::Partial
                | CauseKind::Unfinished
                | CauseKind::Harness => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blame_decides_the_verdict() {
        for (stop, verdict, outcome) in [
            (
                Stop::failed(CauseKind::Deadline, ""),
                Verdict::Failed,
                StepOutcome::Failed,
            ),
            (
                Stop::error(CauseKind::Launch, ""),
                Verdict::Error,
                StepOutcome::Error,
            ),
            (Stop::missing(""), Verdict::Skipped, StepOutcome::Skipped),
            (
                Stop::cancelled(),
                Verdict::Cancelled,
                StepOutcome::Cancelled,
            ),
        ] {
            assert_eq!((stop.verdict(), stop.outcome()), (verdict, outcome));
        }
    }

    #[test]
    fn only_a_guest_that_goes_on_is_forgiven() {
        assert!(Stop::failed(CauseKind::Deadline, "").is_forgivable());
        assert!(Stop::failed(CauseKind::Command, "").is_forgivable());
        assert!(!Stop::failed(CauseKind::Panic, "").is_forgivable());
        assert!(!Stop::failed(CauseKind::Watch("w".into()), "").is_forgivable());
        assert!(!Stop::error(CauseKind::Harness, "").is_forgivable());
        assert!(!Stop::cancelled().is_forgivable());
    }

    #[test]
    fn the_innermost_step_stays() {
        let stop = Stop::cancelled()
            .at("s step 3.1", "s.yaml:9:5")
            .at("s step 3", "s.yaml:7:5");
        assert_eq!(stop.cause().step.as_deref(), Some("s step 3.1"));
    }

    #[test]
    fn a_full_disk_says_so() {
        let error = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let stop = Stop::unwritable("a frame", &error);
        assert_eq!(stop.cause().kind, CauseKind::DiskFull);
        assert_eq!(stop.cause().hints.len(), 1);
    }
}
