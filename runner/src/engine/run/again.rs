//! Decides whether a scenario is tried again, and what its attempts say about the checkpoint that it started from.
//! Pure, so that tests can play through every way.
//!
//! ```text
//! failed from a checkpoint of an earlier run
//!   '--> from power-on --failed--> it has failed; retries, where the user allows them
//!          '--held--> from the checkpoint again --held--> flaky
//!                       '--failed--> from power-on again --failed--> flaky
//!                                      '--held--> flaky, and the checkpoint is to blame
//! ```
//!
//! An attempt that broke off says nothing of the system under test and nothing of the checkpoint: it never takes a
//! failure back, and is made again once where a failure waits to be confirmed.

use reports::{AttemptReason, Verdict};
use vm::checkpoint::CheckpointKey;

use crate::engine::policy::Policy;

/// An attempt that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    /// The reason why it was made; none for the first.
    pub reason: Option<AttemptReason>,
    /// Its verdict.
    pub verdict: Verdict,
    /// The checkpoint of an earlier run that it started from.
    pub from: Option<CheckpointKey>,
}

/// The end of an attempt, as far as it decides whether another one follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// Nothing speaks against the system under test.
    Held,
    /// The system under test failed.
    Failed,
    /// The harness, the host or the machine broke.
    BrokeOff,
    /// It showed nothing, or the user stopped it: nothing comes of another one.
    Over,
}

impl Came {
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

/// Returns why the next attempt is made; none where these were all.
pub(super) fn next(made: &[Made], policy: Policy) -> Option<AttemptReason> {
    let (first, last) = (made.first()?, made.last()?);
    if policy.repeats() {
        return None;
    }
    let confirms = policy.confirm && first.from.is_some();
    let came = Came::of(last.verdict);
    match (last.reason, came) {
        (_, Came::Over) => None,
        (None, Came::Failed) if confirms => Some(AttemptReason::FailedFromCheckpoint),
        (None, Came::BrokeOff) if confirms => Some(AttemptReason::BrokeOffFromCheckpoint),
        (
            Some(AttemptReason::FailedFromCheckpoint | AttemptReason::ConfirmationBrokeOff),
            Came::Held,
        ) => Some(AttemptReason::HeldFromPowerOn),
        (Some(AttemptReason::FailedFromCheckpoint), Came::BrokeOff) => {
            Some(AttemptReason::ConfirmationBrokeOff)
        }
        // It may have gone meanwhile; then there is nothing to blame.
        (Some(AttemptReason::HeldFromPowerOn), Came::Failed) if last.from == first.from => {
            Some(AttemptReason::FailedFromCheckpointAgain)
        }
        // What has held once is flaky, whatever else comes.
        (
            Some(AttemptReason::HeldFromPowerOn | AttemptReason::FailedFromCheckpointAgain),
            Came::Held | Came::Failed | Came::BrokeOff,
        ) => None,
        (None | Some(AttemptReason::BrokeOffFromCheckpoint | AttemptReason::Retry), Came::Held) => {
            None
        }
        (
            None
            | Some(
                AttemptReason::FailedFromCheckpoint
                | AttemptReason::BrokeOffFromCheckpoint
                | AttemptReason::ConfirmationBrokeOff
                | AttemptReason::Retry,
            ),
            Came::Failed | Came::BrokeOff,
        ) => retry(made, policy),
    }
}

fn retry(made: &[Made], policy: Policy) -> Option<AttemptReason> {
    let retried = made
        .iter()
        .filter(|made| made.reason == Some(AttemptReason::Retry))
        .count();
    let allowed = usize::try_from(policy.retries).unwrap_or(usize::MAX);
    (retried < allowed).then_some(AttemptReason::Retry)
}

/// The checkpoint that is to blame: the scenario failed from it, held from power-on, failed from it again, and
/// held from power-on again.
pub(super) fn to_blame(made: &[Made]) -> Option<CheckpointKey> {
    let suspect = made.first()?.from?;
    let last = made.last()?;
    let again = last.reason == Some(AttemptReason::FailedFromCheckpointAgain);
    (again && Came::of(last.verdict) == Came::Held && last.from != Some(suspect)).then_some(suspect)
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

/// Returns whether an attempt saves ends of stages. One that is to say something of a checkpoint leaves it where it
/// is: it may be needed again.
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
