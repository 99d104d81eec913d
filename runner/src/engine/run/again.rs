//! Decides whether a scenario is tried again, and whether its checkpoint is to blame for its failures. Pure, so that
//! tests can play through every sequence of attempts.
//!
//! ```text
//! failed from a checkpoint of an earlier run
//!   '--> from power-on --failed--> it has failed; retries, where the user allows them
//!          '--held--> from the checkpoint again --held--> flaky
//!                       '--failed--> from power-on again --failed--> flaky
//!                                      '--held--> flaky, and the checkpoint is to blame
//! ```
//!
//! An attempt that ended with an error says nothing about the system under test or the checkpoint. It never cancels a
//! failure. If it was to confirm a failure, it is repeated once.

use reports::{AttemptReason, Verdict};
use vm::checkpoint::CheckpointKey;

use crate::engine::policy::Policy;

/// An attempt that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PastAttempt {
    /// The reason for it; none for the first attempt.
    pub reason: Option<AttemptReason>,
    /// Its verdict.
    pub verdict: Verdict,
    /// The checkpoint of an earlier run that it started from; none if it started elsewhere.
    pub from: Option<CheckpointKey>,
}

/// The end of an attempt, reduced to what decides whether another one follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AttemptEnd {
    /// Every step held.
    Held,
    /// The system under test failed.
    Failed,
    /// The harness, the host or the machine broke.
    BrokeOff,
    /// It was skipped or cancelled: another attempt makes no sense.
    Over,
}

impl AttemptEnd {
    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed | Verdict::SoftFailed => Self::Held,
            Verdict::Failed => Self::Failed,
            Verdict::Error => Self::BrokeOff,
            // Attempts are not flaky, scenarios are.
            Verdict::Flaky | Verdict::Skipped | Verdict::Cancelled => Self::Over,
        }
    }
}

/// Returns the reason for another attempt; none if there is none.
pub(super) fn next(attempts: &[PastAttempt], policy: Policy) -> Option<AttemptReason> {
    let (first, last) = (attempts.first()?, attempts.last()?);
    if policy.repeats() {
        return None;
    }
    let confirms = policy.confirm && first.from.is_some();
    let end = AttemptEnd::of(last.verdict);
    match (last.reason, end) {
        (_, AttemptEnd::Over) => None,
        (None, AttemptEnd::Failed) if confirms => Some(AttemptReason::FailedFromCheckpoint),
        (None, AttemptEnd::BrokeOff) if confirms => Some(AttemptReason::BrokeOffFromCheckpoint),
        (
            Some(AttemptReason::FailedFromCheckpoint | AttemptReason::ConfirmationBrokeOff),
            AttemptEnd::Held,
        ) => Some(AttemptReason::HeldFromPowerOn),
        (Some(AttemptReason::FailedFromCheckpoint), AttemptEnd::BrokeOff) => {
            Some(AttemptReason::ConfirmationBrokeOff)
        }
        // Only if it started from the same checkpoint: that may have been removed meanwhile.
        (Some(AttemptReason::HeldFromPowerOn), AttemptEnd::Failed) if last.from == first.from => {
            Some(AttemptReason::FailedFromCheckpointAgain)
        }
        // A scenario that failed and held is flaky, whatever comes next.
        (
            Some(AttemptReason::HeldFromPowerOn | AttemptReason::FailedFromCheckpointAgain),
            AttemptEnd::Held | AttemptEnd::Failed | AttemptEnd::BrokeOff,
        ) => None,
        (
            None | Some(AttemptReason::BrokeOffFromCheckpoint | AttemptReason::Retry),
            AttemptEnd::Held,
        ) => None,
        (
            None
            | Some(
                AttemptReason::FailedFromCheckpoint
                | AttemptReason::BrokeOffFromCheckpoint
                | AttemptReason::ConfirmationBrokeOff
                | AttemptReason::Retry,
            ),
            AttemptEnd::Failed | AttemptEnd::BrokeOff,
        ) => retry(attempts, policy),
    }
}

fn retry(attempts: &[PastAttempt], policy: Policy) -> Option<AttemptReason> {
    let retried = attempts
        .iter()
        .filter(|attempt| attempt.reason == Some(AttemptReason::Retry))
        .count();
    let allowed = usize::try_from(policy.retries).unwrap_or(usize::MAX);
    (retried < allowed).then_some(AttemptReason::Retry)
}

/// Returns the checkpoint that is to blame: the scenario failed from it, held from power-on, failed from it again, and
/// held from power-on again.
pub(super) fn to_blame(attempts: &[PastAttempt]) -> Option<CheckpointKey> {
    let suspect = attempts.first()?.from?;
    let last = attempts.last()?;
    let again = last.reason == Some(AttemptReason::FailedFromCheckpointAgain);
    (again && AttemptEnd::of(last.verdict) == AttemptEnd::Held && last.from != Some(suspect))
        .then_some(suspect)
}

/// Returns whether an attempt may start from checkpoints of earlier runs.
pub(super) fn starts_from_earlier(reason: AttemptReason) -> bool {
    match reason {
        AttemptReason::HeldFromPowerOn => true,
        AttemptReason::FailedFromCheckpoint
        | AttemptReason::BrokeOffFromCheckpoint
        | AttemptReason::ConfirmationBrokeOff
        | AttemptReason::FailedFromCheckpointAgain
        | AttemptReason::Retry => false,
    }
}

/// Returns whether an attempt saves the ends of stages. An attempt that tests a checkpoint must not replace it, because
/// the checkpoint may be needed for another attempt.
pub(super) fn saves(reason: AttemptReason) -> bool {
    match reason {
        AttemptReason::FailedFromCheckpoint
        | AttemptReason::ConfirmationBrokeOff
        | AttemptReason::FailedFromCheckpointAgain => false,
        AttemptReason::BrokeOffFromCheckpoint
        | AttemptReason::HeldFromPowerOn
        | AttemptReason::Retry => true,
    }
}

#[cfg(test)]
mod tests;
