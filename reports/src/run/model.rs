//! A run as reports see it, and its result as a whole.

use super::attempt::Attempt;
use super::scenario::Scenario;
use crate::log::{ExitStatus, Host, Rules, Verdict};

/// A whole run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// Name of its folder.
    pub name: String,
    /// Version of the `qa` that ran it.
    pub version: String,
    /// When it began: RFC 3339, UTC.
    pub started: String,
    /// The command line, secrets masked.
    pub command: Vec<String>,
    /// The hosts that it ran on; none when the log does not say.
    pub hosts: Vec<Host>,
    /// The matrix that was run, if it was one.
    pub matrix: Option<String>,
    /// Its scenarios, in the order in which they were to run.
    pub scenarios: Vec<Scenario>,
    /// The rules for judging several attempts at a scenario.
    pub rules: Rules,
    /// Remarks that belong to no scenario.
    pub notes: Vec<String>,
    /// Its end.
    pub end: RunEnd,
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// It ended in order.
    Finished {
        /// The process's exit status.
        exit: ExitStatus,
        /// Milliseconds it took.
        duration_ms: u64,
    },
    /// The log stops: `qa` was killed, or the host went down.
    CutShort {
        /// Milliseconds from the beginning to the last entry.
        last_ms: u64,
    },
    /// There is no end yet: the run goes on.
    Running {
        /// Milliseconds from the beginning to the last entry.
        last_ms: u64,
    },
}

impl Default for RunEnd {
    fn default() -> Self {
        Self::CutShort { last_ms: 0 }
    }
}

impl Run {
    /// Returns the exit status: the recorded one, or that of the verdicts where the log stops early.
    pub fn exit(&self) -> ExitStatus {
        match self.end {
            RunEnd::Finished { exit, .. } => exit,
            RunEnd::CutShort { .. } | RunEnd::Running { .. } => self.gate(),
        }
    }

    /// Returns the exit status that the verdicts lead to.
    pub fn gate(&self) -> ExitStatus {
        let gates = self.scenarios.iter().map(|scenario| self.gate_of(scenario));
        ExitStatus::worst(gates)
    }

    /// Returns the exit status that a scenario leads to. A flaky one that gates is an error if none of its attempts
    /// failed: then nothing speaks against the system under test.
    pub fn gate_of(&self, scenario: &Scenario) -> ExitStatus {
        let failed = |attempt: &Attempt| attempt.verdict == Verdict::Failed;
        let has_failed = scenario.attempts.iter().any(failed);
        scenario.verdict.exit_status(self.rules.flaky, has_failed)
    }

    /// Returns the reason for the exit status, for people: a lowercase fragment.
    pub fn exit_meaning(&self) -> &'static str {
        match self.exit() {
            ExitStatus::Failed
                if self.count(Verdict::Failed) == 0 && self.count(Verdict::Flaky) > 0 =>
            {
                "a scenario was flaky, and this run counts that as failed"
            }
            ExitStatus::Error
                if self.count(Verdict::Error) == 0 && self.count(Verdict::Flaky) > 0 =>
            {
                "a scenario was flaky, because the harness, the host or the machine broke in an attempt, and this run \
                counts that"
            }
            _ if self.goes_on() => "so far; the run goes on",
            exit => exit.meaning(),
        }
    }

    /// Returns the time that it took, in milliseconds: up to the last entry, if the log has no end.
    pub fn duration_ms(&self) -> u64 {
        match self.end {
            RunEnd::Finished { duration_ms, .. } => duration_ms,
            RunEnd::CutShort { last_ms } | RunEnd::Running { last_ms } => last_ms,
        }
    }

    /// Returns true if the log stops before the run's end.
    pub fn is_cut_short(&self) -> bool {
        matches!(self.end, RunEnd::CutShort { .. })
    }

    /// Returns true if it goes on.
    pub fn goes_on(&self) -> bool {
        matches!(self.end, RunEnd::Running { .. })
    }

    /// Returns a sentence about a log that is not whole; none if it is whole.
    pub fn not_whole(&self) -> Option<&'static str> {
        match self.end {
            RunEnd::Finished { .. } => None,
            RunEnd::CutShort { .. } => Some(
                "the event log stops before the end of the run: qa was killed, or the host went down",
            ),
            RunEnd::Running { .. } => Some(
                "the run goes on: these are the results so far, and scenarios that have not ended are not judged",
            ),
        }
    }

    /// Counts the scenarios of each verdict, in the order of [`Verdict::ALL`], without verdicts that none has.
    pub fn counts(&self) -> Vec<(Verdict, usize)> {
        Verdict::ALL
            .into_iter()
            .map(|verdict| (verdict, self.count(verdict)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Counts the scenarios of this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.scenarios
            .iter()
            .filter(|scenario| scenario.verdict == verdict)
            .count()
    }
}
