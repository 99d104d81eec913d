//! A scenario of a run: its attempts, the judgement over all of them, and findings.

use super::attempt::Attempt;
use crate::log::{Cause, ScenarioInfo, Verdict};

/// A scenario and its result.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The facts that were known before it ran.
    pub info: ScenarioInfo,
    /// Every attempt, by number; none where it was never begun.
    pub attempts: Vec<Attempt>,
    /// The judgement over all attempts.
    pub verdict: Verdict,
    /// The reason why it is not `passed`.
    pub cause: Option<Cause>,
    /// Important results besides the verdict.
    pub findings: Vec<Finding>,
    /// Place of the attempt that the verdict rests on; none where there was none.
    pub(crate) decided_by: Option<usize>,
}

/// The verdict and the reason that scenarios which did not hold can have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Reason<'s> {
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// The first line of the cause, as the log has it.
    pub(crate) first_line: &'s str,
}

impl Reason<'_> {
    /// From this number on, reports tell scenarios of one reason as one.
    pub(crate) const MANY: usize = 3;
}

/// A result of a run that is no judgement of the system under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The scenario failed from a checkpoint of an earlier run each time, and held from power-on each time.
    CheckpointBlamed {
        /// Name of the scenario at whose end the checkpoint stood.
        stage: String,
        /// Its key, shortened for people.
        key: String,
        /// The attempts that failed from it.
        failed: Vec<u32>,
        /// The attempts that held without it.
        held: Vec<u32>,
    },
    /// The scenario did not hold from a checkpoint of an earlier run. Nobody knows if it holds from power-on.
    NotConfirmed {
        /// Name of the scenario at whose end the checkpoint stands.
        stage: String,
        /// Its key, shortened for people.
        key: String,
        /// The reason why it is not known.
        why: Unconfirmed,
    },
    /// A watch could not look.
    NotWatched {
        /// Name of the scenario in which it was to watch.
        stage: String,
        /// Name of the watch.
        watch: String,
        /// The reason: a lowercase fragment.
        reason: String,
    },
    /// The guest ran with an old clock, as it went on from a checkpoint.
    OldClock {
        /// Name of the scenario at whose end the checkpoint stands.
        stage: String,
        /// The time by which it is behind.
        behind_ms: u64,
        /// The reason: a lowercase fragment.
        reason: String,
    },
    /// Something that backs the outcome could not be kept.
    EvidenceLost {
        /// The thing that is missing.
        what: String,
        /// The reason: a lowercase fragment.
        reason: String,
    },
}

/// The reason why a failure from a checkpoint was not confirmed from power-on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconfirmed {
    /// The user switched confirmation off.
    NotWanted,
    /// Repetitions are not confirmed.
    Repetition,
    /// No attempt from power-on came to a judgement of the system under test.
    NotJudged,
}

impl Scenario {
    /// Returns the time that all attempts took, in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        self.attempts
            .iter()
            .fold(0, |sum, attempt| sum.saturating_add(attempt.duration_ms))
    }

    /// Returns the reason why it is not `passed`, on one line. Of several attempts, it counts those that did not hold.
    pub fn why(&self) -> Option<String> {
        let cause = &self.cause.as_ref()?.message;
        let counted = |attempt: &&Attempt| attempt.did_not_hold();
        let count = self.attempts.iter().filter(counted).count();
        Some(match (count, self.attempts.len()) {
            (0, _) | (_, 0 | 1) => cause.clone(),
            (count, all) => format!("{count} of {all} attempts did not hold: {cause}"),
        })
    }

    /// Returns what it may have in common with other scenarios; none if it held.
    pub(crate) fn reason(&self) -> Option<Reason<'_>> {
        let cause = self.cause.as_ref()?;
        match self.verdict {
            Verdict::Passed | Verdict::SoftFailed => None,
            Verdict::Failed
            | Verdict::Error
            | Verdict::Flaky
            | Verdict::Skipped
            | Verdict::Cancelled => Some(Reason {
                verdict: self.verdict,
                first_line: cause.first_line(),
            }),
        }
    }

    /// Returns the attempt that was made last.
    pub fn last_attempt(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// Returns the attempt that the verdict rests on. Of a flaky scenario, and of one that was repeated, it is the
    /// first of the worst, otherwise the last of the worst.
    pub fn deciding_attempt(&self) -> Option<&Attempt> {
        self.attempts.get(self.decided_by?)
    }
}
