//! One attempt at a scenario: its stages, its steps, and the events between them.

use super::film::{InputMark, LookMark, SerialMark, Shot};
use crate::log::{
    AttemptReason, Cause, Evidence, FrameRef, MachineFacts, MachineNews, StartedFrom, StepOutcome,
    Verdict,
};

/// One attempt at a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// The reason for another attempt; none if the log does not tell it.
    pub reason: Option<AttemptReason>,
    /// The origin of its machine.
    pub from: StartedFrom,
    /// Name of the host that it ran on.
    pub host: String,
    /// Milliseconds from the beginning of the run.
    pub started_ms: u64,
    /// The machines that were started for it, in order. A power cycle starts a machine once more. None where no machine
    /// started, and where the attempt took over a running one.
    pub machines: Vec<StartedMachine>,
    /// The stages of the chain of `after:` that the attempt began, from power-on.
    pub stages: Vec<Stage>,
    /// Known defects that were met.
    pub soft_failures: Vec<SoftFailure>,
    /// True if the log has its end.
    pub is_whole: bool,
    /// The judgement of this attempt.
    pub verdict: Verdict,
    /// The reason why it is not `passed`.
    pub cause: Option<Cause>,
    /// Milliseconds it took.
    pub duration_ms: u64,
    /// The last picture of the screen.
    pub last_frame: Option<FrameRef>,
    /// Files of evidence, relative to the run's folder.
    pub files: Vec<String>,
    /// The screen at every moment that was kept, in the order in which it was kept.
    pub film: Vec<Shot>,
    /// The actions with keyboard and pointer.
    pub inputs: Vec<InputMark>,
    /// The looks at the screen while steps waited, as far as the log has them.
    pub looks: Vec<LookMark>,
    /// The lines of the serial consoles.
    pub serial: Vec<SerialMark>,
}

/// A machine that was started for an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct StartedMachine {
    /// The name by which the scenario knows it; none where the scenario has only one.
    pub name: Option<String>,
    /// Its facts.
    pub facts: MachineFacts,
}

/// A stage of the chain of `after:`.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The scenario whose steps these are; empty for events outside any stage.
    pub name: String,
    /// The number of its steps, with those that were not reached.
    pub planned: usize,
    /// Steps and remarks, in order.
    pub entries: Vec<StageEntry>,
}

/// An entry of a stage.
#[derive(Debug, Clone, PartialEq)]
pub enum StageEntry {
    /// A step.
    Step(Box<Step>),
    /// Anything else.
    Remark {
        /// Milliseconds from the beginning of the run.
        at_ms: u64,
        /// The number of groups around it.
        depth: usize,
        /// The name of the machine that it is about; none where the scenario has only one.
        machine: Option<String>,
        /// The remark itself.
        remark: Remark,
    },
}

/// An event between or during steps.
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
        /// The reason: a lowercase fragment.
        reason: String,
    },
}

/// A known defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftFailure {
    /// The defect.
    pub reason: String,
    /// The ticket of the defect.
    pub ticket: Option<String>,
}

/// A step and its outcome. The steps of a group follow their group, one `depth` further in.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Place in the stage: `3`, or `3.1` inside a group.
    pub id: String,
    /// The name of the machine that it acts on; none where the scenario has only one.
    pub machine: Option<String>,
    /// The number of groups around it.
    pub depth: usize,
    /// The verb.
    pub verb: String,
    /// One line for people.
    pub text: String,
    /// Its place in a file.
    pub place: String,
    /// Milliseconds until it gives up.
    pub deadline_ms: Option<u64>,
    /// Milliseconds from the beginning of the run.
    pub started_ms: u64,
    /// Its outcome; none if the log stops before its end.
    pub outcome: Option<StepOutcome>,
    /// Milliseconds it took, or up to the last record.
    pub duration_ms: u64,
    /// The evidence for the outcome. A group has none of its own; its steps have it.
    pub evidence: Evidence,
    /// True if steps of its own follow it.
    pub is_group: bool,
}

impl Attempt {
    /// Returns every step, in the order in which they began.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.stages.iter().flat_map(|stage| {
            stage.entries.iter().filter_map(|entry| match entry {
                StageEntry::Step(step) => Some(step.as_ref()),
                StageEntry::Remark { .. } => None,
            })
        })
    }

    /// Returns its machines, each as it was started last.
    pub fn last_machines(&self) -> Vec<&StartedMachine> {
        let mut last: Vec<&StartedMachine> = Vec::new();
        for machine in &self.machines {
            match last.iter_mut().find(|known| known.name == machine.name) {
                Some(known) => *known = machine,
                None => last.push(machine),
            }
        }
        last
    }

    /// Returns the files of the guest that its steps kept, relative to the run's folder.
    pub fn kept_files(&self) -> impl Iterator<Item = &str> {
        let kept = self.steps().filter_map(|step| step.evidence.file.as_ref());
        kept.map(|kept| kept.file.as_str())
    }

    /// Returns true if nothing speaks against the system under test.
    pub fn held(&self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::SoftFailed)
    }

    /// Returns true if the system under test or the harness failed.
    pub fn did_not_hold(&self) -> bool {
        matches!(self.verdict, Verdict::Failed | Verdict::Error)
    }

    /// Returns the step that decided the verdict: the innermost one that did not hold.
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
    /// Returns true if a scenario can end at it.
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
    /// Returns reason and ticket on one line.
    pub fn text(&self) -> String {
        match &self.ticket {
            Some(ticket) => format!("{} ({ticket})", self.reason),
            None => self.reason.clone(),
        }
    }
}
