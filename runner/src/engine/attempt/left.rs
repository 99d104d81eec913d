//! The options of an attempt, its end, and the machine that it leaves running.

use std::sync::Arc;

use reports::{AttemptReason, CauseKind, Verdict};
use scenarios::Vars;
use vm::checkpoint::{CheckpointKey, Lease};

use crate::deadline::Scale;
use crate::engine::session::Session;
use crate::plan::{Job, Trust};

/// The options of one attempt.
#[derive(Debug)]
pub(in crate::engine) struct AttemptOptions {
    /// The number of the attempt; the first one is 1.
    pub number: u32,
    /// The reason for an attempt after the first one; none for the first attempt and for repetitions.
    pub reason: Option<AttemptReason>,
    /// The checkpoints that it may start from.
    pub trust: Trust,
    /// True if it saves the ends of shared stages as checkpoints.
    pub saves: bool,
    /// The running machine of the scenario before, if the attempt continues on it.
    pub left: Option<LeftRunning>,
}

impl AttemptOptions {
    /// Returns the options of an attempt from power-on that leaves nothing for later ones.
    pub(in crate::engine) fn cold(number: u32) -> Self {
        Self {
            number,
            reason: None,
            trust: Trust::ThisRun,
            saves: false,
            left: None,
        }
    }
}

/// A machine that a scenario left running, for the scenario that starts where it ended.
#[derive(Debug)]
pub(in crate::engine) struct LeftRunning {
    /// The machine.
    pub session: Session,
    /// The name of the scenario that ran on it last.
    pub scenario: String,
    /// The number of its cell.
    pub cell: usize,
    /// The factor of deadlines on it.
    pub scale: Scale,
    /// The variables that its scenarios have set so far.
    pub vars: Vars,
    /// The checkpoint that it was started from; none if it was switched on.
    pub base_checkpoint: Option<Arc<Lease>>,
    /// The known defects that were met on it.
    pub soft_failures: Vec<String>,
}

/// The end of an attempt.
#[derive(Debug)]
pub(in crate::engine) struct Ended {
    /// The verdict.
    pub verdict: Verdict,
    /// The kind of the reason why it did not hold; none if it held.
    pub cause: Option<CauseKind>,
    /// The running machine; none if it cannot continue, or if it was saved as a checkpoint and ended.
    pub left: Option<LeftRunning>,
    /// The name of the stage that did not hold; none if all held.
    pub failed_stage: Option<String>,
    /// The checkpoint of an earlier run that it started from; none if it started elsewhere.
    pub earlier_checkpoint: Option<CheckpointKey>,
}

impl Ended {
    /// Returns the end of a job whose machine was not started, or is lost.
    pub(in crate::engine) fn without_attempt(
        job: &Job,
        verdict: Verdict,
        cause: CauseKind,
    ) -> Self {
        Self {
            verdict,
            cause: Some(cause),
            left: None,
            failed_stage: Some(job.own_name().to_owned()),
            earlier_checkpoint: None,
        }
    }
}
