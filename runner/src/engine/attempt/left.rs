//! How an attempt is made, how it ended, and the machine that it leaves.

use std::sync::Arc;

use reports::{AttemptReason, Verdict};
use scenarios::Vars;
use vm::checkpoint::{CheckpointKey, Lease};

use crate::deadline::Scale;
use crate::engine::session::Session;
use crate::plan::Trust;

/// How an attempt is to be made.
#[derive(Debug)]
pub(in crate::engine) struct Try {
    /// 1 for the first.
    pub number: u32,
    /// The reason why it is made after others; none for the first, and for repetitions.
    pub reason: Option<AttemptReason>,
    /// Which checkpoints it may start from.
    pub trust: Trust,
    /// True if it saves ends of stages.
    pub saves: bool,
    /// The machine that a scenario left, if it goes on there.
    pub left: Option<LeftRunning>,
}

/// A machine that a scenario left running, for one that starts where it ended.
#[derive(Debug)]
pub(in crate::engine) struct LeftRunning {
    /// The machine.
    pub session: Session,
    /// The scenario that ran on it last.
    pub scenario: String,
    /// The cell it is of.
    pub cell: usize,
    /// How deadlines scale on it.
    pub scale: Scale,
    /// What its scenarios have set so far.
    pub vars: Vars,
    /// The checkpoint that it goes back to.
    pub ground: Option<Arc<Lease>>,
    /// Known defects that were met on it.
    pub soft_failures: Vec<String>,
}

/// How an attempt ended.
#[derive(Debug)]
pub(in crate::engine) struct Ended {
    /// The judgement.
    pub verdict: Verdict,
    /// The machine, if it can go on and its end was not saved.
    pub left: Option<LeftRunning>,
    /// The stage that did not hold.
    pub failed_stage: Option<String>,
    /// The checkpoint of an earlier run that it started from.
    pub trusted: Option<CheckpointKey>,
}
