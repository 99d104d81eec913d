//! A run as reports see it: the records of its event log, put together again.

mod comparison;
mod fold;
mod judgement;
mod untangle;

pub(crate) use comparison::ended_at;
pub use comparison::{Comparison, Durations, Equals, Spread, StepName, Varied};
use fold::{NoEnd, run_of};

use crate::{
    AttemptReason, Cause, Evidence, ExitStatus, FlakyPolicy, FrameRef, Host, MachineFacts,
    MachineNews, Record, Rules, ScenarioInfo, StartedFrom, StepOutcome, Verdict,
};

/// A whole run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Name of its folder.
    pub name: String,
    /// Version of the `qa` that ran it.
    pub version: String,
    /// When it began: RFC 3339, UTC.
    pub started: String,
    /// The command line, secrets masked.
    pub command: Vec<String>,
    /// Where it ran; none when the log does not say.
    pub host: Option<Host>,
    /// The matrix that was run, if it was one.
    pub matrix: Option<String>,
    /// Its scenarios, in the order in which they were to run.
    pub scenarios: Vec<Scenario>,
    /// How several attempts at a scenario are judged.
    pub rules: Rules,
    /// Remarks that belong to no scenario.
    pub notes: Vec<String>,
    /// How it ended.
    pub end: RunEnd,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// In order.
    Finished {
        /// The process's exit status.
        exit: ExitStatus,
        /// Milliseconds it took.
        duration_ms: u64,
    },
    /// The log just stops: `qa` was killed, or the host went down.
    CutShort {
        /// Milliseconds from the beginning to the last record.
        last_ms: u64,
    },
    /// Not yet: the run goes on.
    Running {
        /// Milliseconds from the beginning to the last record.
        last_ms: u64,
    },
}

/// A scenario and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What was known before it ran.
    pub info: ScenarioInfo,
    /// Every try, in order; none where it was never begun.
    pub attempts: Vec<Attempt>,
    /// The judgement over all tries.
    pub verdict: Verdict,
    /// Why it is not `passed`.
    pub cause: Option<Cause>,
    /// What came out besides the verdict, and must not be overlooked.
    pub findings: Vec<Finding>,
    /// Which of the tries tells why the verdict is what it is; none where there was none.
    pub(crate) decided_by: Option<usize>,
}

/// Something that a run found out which is no judgement of the system under test.
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
    /// The scenario did not hold from a checkpoint of an earlier run, and whether it holds from power-on is not known.
    NotConfirmed {
        /// Name of the scenario at whose end the checkpoint stands.
        stage: String,
        /// Its key, shortened for people.
        key: String,
        /// The reason why it is not known.
        why: Unconfirmed,
    },
    /// A watch has not seen what it watches for.
    NotWatched {
        /// Name of the scenario in which it was to watch.
        stage: String,
        /// Name of the watch.
        watch: String,
        /// Why: a lowercase fragment.
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

/// The reason why nobody knows whether a failure from a checkpoint would have come from power-on, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconfirmed {
    /// The user did not want to know.
    NotWanted,
    /// Repetitions are not confirmed.
    Repetition,
    /// No attempt from power-on came to a judgement of the system under test.
    NotJudged,
}

/// One try of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// The reason why it was made after others; none where that is not told.
    pub reason: Option<AttemptReason>,
    /// Where its machine came from.
    pub from: StartedFrom,
    /// Milliseconds from the beginning of the run.
    pub started_ms: u64,
    /// The machines it ran on; several after a power cycle, none where none started or the first was taken over.
    pub machines: Vec<MachineFacts>,
    /// The chain of `after:`, from power-on, as far as it came.
    pub stages: Vec<Stage>,
    /// Known defects that were met.
    pub soft_failures: Vec<SoftFailure>,
    /// Whether the log tells its end.
    pub is_whole: bool,
    /// The judgement of this try.
    pub verdict: Verdict,
    /// Why it is not `passed`.
    pub cause: Option<Cause>,
    /// Milliseconds it took.
    pub duration_ms: u64,
    /// The last picture of the screen.
    pub last_frame: Option<FrameRef>,
    /// Files of evidence, relative to the run's folder.
    pub files: Vec<String>,
}

/// A stage of the chain of `after:`.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The scenario whose steps these are; empty for what happened outside any stage.
    pub name: String,
    /// How many steps it has, with those that were not reached.
    pub planned: usize,
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

/// Something that happened in a stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A step.
    Step(Box<Step>),
    /// Anything else.
    Remark {
        /// Milliseconds from the beginning of the run.
        at_ms: u64,
        /// How many groups it is inside of.
        depth: usize,
        /// What it is.
        remark: Remark,
    },
}

/// What happened between or during steps.
#[derive(Debug, Clone, PartialEq)]
pub enum Remark {
    /// A note of the scenario or the engine.
    Note(String),
    /// The machine did something.
    Machine(MachineNews),
    /// A machine started again, after the first of the attempt.
    Started(Box<MachineFacts>),
    /// A known defect was met.
    SoftFailure(SoftFailure),
    /// The machine as a stage left it was saved.
    CheckpointSaved {
        /// Name of the scenario at whose end it stands.
        stage: String,
        /// Its key, shortened for people.
        key: String,
        /// Bytes that it takes on disk.
        bytes: u64,
        /// Milliseconds the machine stood still for it.
        duration_ms: u64,
    },
    /// A checkpoint could not be made or used.
    CheckpointUnusable {
        /// Name of the scenario at whose end it stands.
        stage: String,
        /// Why: a lowercase fragment.
        reason: String,
    },
}

/// A known defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftFailure {
    /// What is wrong.
    pub reason: String,
    /// Where it is tracked.
    pub ticket: Option<String>,
}

/// A step and what came of it. The steps of a group follow their group, one `depth` further in.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Place in the stage: `3`, or `3.1` inside a group.
    pub id: String,
    /// How many groups it is inside of.
    pub depth: usize,
    /// The verb.
    pub verb: String,
    /// One line for people.
    pub text: String,
    /// Where it is written.
    pub place: String,
    /// Milliseconds until it gives up.
    pub deadline_ms: Option<u64>,
    /// Milliseconds from the beginning of the run.
    pub started_ms: u64,
    /// What came of it; none where the log stops before its end.
    pub outcome: Option<StepOutcome>,
    /// Milliseconds it took, or up to the last record.
    pub duration_ms: u64,
    /// What backs the outcome. A group has none of its own: that of its steps says it.
    pub evidence: Evidence,
    /// Whether steps of its own follow it.
    pub is_group: bool,
}

impl Run {
    /// Puts a run together from its records. Any records give a run: what is missing is judged `error`, never `passed`.
    pub fn of(records: &[Record]) -> Self {
        run_of(records, NoEnd::Killed)
    }

    /// Puts a run together that goes on. What has not come to its end is `skipped` so far: nothing is known of it.
    pub fn so_far(records: &[Record]) -> Self {
        run_of(records, NoEnd::GoesOn)
    }

    /// Puts a run together whose attempts have all ended: only the record of its own end is to come, which rests on
    /// this.
    pub fn ending(records: &[Record]) -> Self {
        run_of(records, NoEnd::Ending)
    }

    /// The exit status: the recorded one, or what the verdicts come to where the log stops early.
    pub fn exit(&self) -> ExitStatus {
        match self.end {
            RunEnd::Finished { exit, .. } => exit,
            RunEnd::CutShort { .. } | RunEnd::Running { .. } => self.gate(),
        }
    }

    /// The exit status that the scenarios come to.
    pub fn gate(&self) -> ExitStatus {
        let gates = self.scenarios.iter().map(|scenario| self.gate_of(scenario));
        ExitStatus::worst(gates)
    }

    /// Returns the exit status that a scenario leads to. A flaky one that gates does so as the attempts that did not
    /// hold: none of them may have said anything against the system under test.
    pub fn gate_of(&self, scenario: &Scenario) -> ExitStatus {
        let failed = |attempt: &Attempt| attempt.verdict == Verdict::Failed;
        match (scenario.verdict, self.rules.flaky) {
            (Verdict::Passed | Verdict::SoftFailed | Verdict::Skipped, _)
            | (Verdict::Flaky, FlakyPolicy::Pass) => ExitStatus::Success,
            (Verdict::Failed, _) => ExitStatus::Failed,
            (Verdict::Flaky, FlakyPolicy::Fail) if scenario.attempts.iter().any(failed) => {
                ExitStatus::Failed
            }
            (Verdict::Error, _) | (Verdict::Flaky, FlakyPolicy::Fail) => ExitStatus::Error,
            (Verdict::Cancelled, _) => ExitStatus::Cancelled,
        }
    }

    /// Why the run ends with its status, for people: a lowercase fragment.
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
                "the harness, the host or the machine broke in an attempt, and this run counts what held only in \
                another as flaky"
            }
            _ if self.goes_on() => "so far; the run goes on",
            exit => exit.meaning(),
        }
    }

    /// Milliseconds it took, as far as is known.
    pub fn duration_ms(&self) -> u64 {
        match self.end {
            RunEnd::Finished { duration_ms, .. } => duration_ms,
            RunEnd::CutShort { last_ms } | RunEnd::Running { last_ms } => last_ms,
        }
    }

    /// Whether the log stops before the run's end.
    pub fn is_cut_short(&self) -> bool {
        matches!(self.end, RunEnd::CutShort { .. })
    }

    /// Returns whether it goes on.
    pub fn goes_on(&self) -> bool {
        matches!(self.end, RunEnd::Running { .. })
    }

    /// Returns what a reader must know of a log that is not whole, as a whole sentence; none where it is whole.
    pub fn not_whole(&self) -> Option<&'static str> {
        match self.end {
            RunEnd::Finished { .. } => None,
            RunEnd::CutShort { .. } => Some(
                "the event log stops before the end of the run: qa was killed, or the host went down",
            ),
            RunEnd::Running { .. } => Some(
                "the run goes on: this is what there is so far, and what has not ended is not judged",
            ),
        }
    }

    /// How many scenarios came out as each verdict, in the order of [`Verdict::ALL`], without those of which there are
    /// none.
    pub fn counts(&self) -> Vec<(Verdict, usize)> {
        Verdict::ALL
            .into_iter()
            .map(|verdict| (verdict, self.count(verdict)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// How many scenarios came out as this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.scenarios
            .iter()
            .filter(|scenario| scenario.verdict == verdict)
            .count()
    }
}

impl Scenario {
    /// Milliseconds all tries took.
    pub fn duration_ms(&self) -> u64 {
        self.attempts
            .iter()
            .fold(0, |sum, attempt| sum.saturating_add(attempt.duration_ms))
    }

    /// Why it is not `passed`, in one line; of several tries, with how many of them did not hold.
    pub fn why(&self) -> Option<String> {
        let cause = &self.cause.as_ref()?.message;
        let counted = |attempt: &&Attempt| attempt.did_not_hold();
        let count = self.attempts.iter().filter(counted).count();
        Some(match (count, self.attempts.len()) {
            (0, _) | (_, 0 | 1) => cause.clone(),
            (count, all) => format!("{count} of {all} attempts did not hold: {cause}"),
        })
    }

    /// The try that was made last.
    pub fn last_attempt(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// The try that tells why the verdict is what it is: of a flaky scenario, and of one that was repeated, the first
    /// of the worst, otherwise the last of the worst.
    pub fn deciding_attempt(&self) -> Option<&Attempt> {
        self.attempts.get(self.decided_by?)
    }
}

impl Attempt {
    /// Every step, in the order in which they began.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.stages.iter().flat_map(|stage| {
            stage.entries.iter().filter_map(|entry| match entry {
                Entry::Step(step) => Some(step.as_ref()),
                Entry::Remark { .. } => None,
            })
        })
    }

    /// Whether nothing speaks against the system under test.
    pub fn held(&self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::SoftFailed)
    }

    /// Whether the system under test or the harness failed.
    pub fn did_not_hold(&self) -> bool {
        matches!(self.verdict, Verdict::Failed | Verdict::Error)
    }

    /// The step that decided the verdict: the innermost one that did not hold.
    pub fn decisive_step(&self) -> Option<&Step> {
        if self.held() {
            return None;
        }
        self.steps()
            .rev()
            .find(|step| !step.is_group && step.decides())
    }
}

impl Step {
    /// Whether a scenario can end at it.
    fn decides(&self) -> bool {
        match self.outcome {
            None | Some(StepOutcome::Failed | StepOutcome::Error | StepOutcome::Cancelled) => true,
            // A step skipped because its `when` is false has no cause.
            Some(StepOutcome::Skipped) => self.evidence.cause.is_some(),
            Some(StepOutcome::Passed | StepOutcome::Forgiven) => false,
        }
    }
}

impl SoftFailure {
    /// Reason and ticket on one line.
    pub fn text(&self) -> String {
        match &self.ticket {
            Some(ticket) => format!("{} ({ticket})", self.reason),
            None => self.reason.clone(),
        }
    }
}
