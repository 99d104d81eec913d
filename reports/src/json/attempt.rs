//! An attempt at a scenario: its machines, its steps, and what happened between them.

use serde::Serialize;

use super::evidence::{CauseTold, EvidenceTold, Picture};
use super::machine::MachineTold;
use crate::log::{AttemptReason, ResetKind, StartedFrom, StepOutcome, Verdict};
use crate::run::{Attempt, Remark, SoftFailure, Stage, StageEntry, Step};

/// An attempt at a scenario.
#[derive(Debug, Serialize)]
pub(super) struct AttemptResult<'r> {
    number: u32,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<AttemptReason>,
    host: &'r str,
    from: Origin<'r>,
    started_ms: u64,
    duration_ms: u64,
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<CauseTold<'r>>,
    known_defects: Vec<KnownDefect<'r>>,
    machines: Vec<MachineTold<'r>>,
    resets: Vec<ResetKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_frame: Option<Picture<'r>>,
    files: &'r [String],
    steps: Vec<StepResult<'r>>,
    remarks: Vec<RemarkTold<'r>>,
}

/// A known defect that was met.
#[derive(Debug, Serialize)]
pub(super) struct KnownDefect<'r> {
    reason: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'r str>,
}

/// The origin of the machine of an attempt.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
enum Origin<'r> {
    PowerOn,
    Continued {
        scenario: &'r str,
    },
    Checkpoint {
        scenario: &'r str,
        key: &'r str,
        saved: &'r str,
        age_ms: u64,
        this_run: bool,
    },
}

/// A step and its outcome.
#[derive(Debug, Serialize)]
struct StepResult<'r> {
    stage: &'r str,
    number: &'r str,
    depth: usize,
    verb: &'r str,
    text: &'r str,
    place: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<&'r str>,
    group: bool,
    /// Absent where the log stops before the end of the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<StepOutcome>,
    started_ms: u64,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_ms: Option<u64>,
    #[serde(skip_serializing_if = "EvidenceTold::is_empty")]
    evidence: EvidenceTold<'r>,
}

/// Something that happened between or during steps.
#[derive(Debug, Serialize)]
struct RemarkTold<'r> {
    at_ms: u64,
    stage: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<&'r str>,
    kind: &'static str,
    text: String,
}

impl<'r> AttemptResult<'r> {
    /// Returns the result of an attempt.
    pub(super) fn of(attempt: &'r Attempt) -> Self {
        let entries = || {
            let stages = attempt.stages.iter();
            stages.flat_map(|stage| stage.entries.iter().map(move |entry| (stage, entry)))
        };
        Self {
            number: attempt.number,
            verdict: attempt.verdict,
            reason: attempt.reason,
            host: &attempt.host,
            from: origin(&attempt.from),
            started_ms: attempt.started_ms,
            duration_ms: attempt.duration_ms,
            complete: attempt.is_whole,
            cause: attempt.cause.as_ref().map(CauseTold::of),
            known_defects: attempt.soft_failures.iter().map(KnownDefect::of).collect(),
            machines: attempt.machines.iter().map(MachineTold::of).collect(),
            resets: attempt.resets(),
            last_frame: attempt.last_frame.as_ref().map(Picture::of),
            files: &attempt.files,
            steps: entries()
                .filter_map(|(stage, entry)| step(stage, entry))
                .collect(),
            remarks: entries()
                .filter_map(|(stage, entry)| remark(stage, entry))
                .collect(),
        }
    }
}

impl<'r> KnownDefect<'r> {
    /// Returns a known defect.
    pub(super) fn of(defect: &'r SoftFailure) -> Self {
        Self {
            reason: &defect.reason,
            ticket: defect.ticket.as_deref(),
        }
    }
}

fn origin(from: &StartedFrom) -> Origin<'_> {
    match from {
        StartedFrom::PowerOn => Origin::PowerOn,
        StartedFrom::Continued { scenario } => Origin::Continued { scenario },
        StartedFrom::Checkpoint {
            scenario,
            key,
            saved,
            age_ms,
            this_run,
        } => Origin::Checkpoint {
            scenario,
            key,
            saved,
            age_ms: *age_ms,
            this_run: *this_run,
        },
    }
}

fn step<'r>(stage: &'r Stage, entry: &'r StageEntry) -> Option<StepResult<'r>> {
    let step: &Step = match entry {
        StageEntry::Step(step) => step,
        StageEntry::Remark { .. } => return None,
    };
    Some(StepResult {
        stage: &stage.name,
        number: &step.id,
        depth: step.depth,
        verb: &step.verb,
        text: &step.text,
        place: &step.place,
        machine: step.machine.as_deref(),
        group: step.is_group,
        outcome: step.outcome,
        started_ms: step.started_ms,
        duration_ms: step.duration_ms,
        deadline_ms: step.deadline_ms,
        evidence: EvidenceTold::of(&step.evidence),
    })
}

fn remark<'r>(stage: &'r Stage, entry: &'r StageEntry) -> Option<RemarkTold<'r>> {
    match entry {
        StageEntry::Step(_) => None,
        StageEntry::Remark {
            at_ms,
            depth: _,
            machine,
            remark,
        } => Some(RemarkTold {
            at_ms: *at_ms,
            stage: &stage.name,
            machine: machine.as_deref(),
            kind: match remark {
                Remark::Note(_) => "note",
                Remark::Machine(_) => "machine",
                Remark::Started(_) => "started",
                Remark::SoftFailure(_) => "soft-failure",
                Remark::CheckpointSaved { .. } => "checkpoint-saved",
                Remark::CheckpointUnusable { .. } => "checkpoint-unusable",
            },
            text: remark.text(),
        }),
    }
}
