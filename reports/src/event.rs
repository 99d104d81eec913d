//! The event log: everything that happened in a run, in order.
//!
//! These types are the interface between the engine and every report. `events.jsonl` holds one [`Record`] a line;
//! nothing that a report shows comes from anywhere else.

use serde::{Deserialize, Serialize};

use crate::{Cause, Evidence, ExitStatus, FrameRef, Rules, Verdict};

/// Version of the stored format. A reader refuses a newer one and says both numbers.
///
/// It must grow when a reader of the number before would take a log for something that it is not: when a field or an
/// event goes away, gets another name or another meaning, or when a verdict can no longer be told without knowing what
/// is new. It stays when things are only added: a field that may be absent, another event, another kind of cause. An
/// older reader that meets one of these names the line it cannot read, and judges nothing.
///
/// | format | new |
/// | --- | --- |
/// | 1 | |
/// | 2 | attempts at one scenario may run side by side, each record says whose it is; the rules of judging are told |
pub const FORMAT: u32 = 2;

/// One line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Position in the log, from 0, without gaps.
    pub seq: u64,
    /// Milliseconds since the run began.
    pub at_ms: u64,
    /// The number of the attempt that it is about, from 1: several may run side by side. None where it is about no
    /// attempt, and in logs of format 1, where it is the attempt that began last.
    #[serde(rename = "try", default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[expect(
    clippy::large_enum_variant,
    reason = "events are few and short-lived; boxing would only hide their fields"
)]
pub enum Event {
    /// The first record of every log.
    RunStarted {
        /// [`FORMAT`] of the writer.
        format: u32,
        /// Version of `qa`.
        version: String,
        /// Name of the run's folder.
        run: String,
        /// Wall-clock time, RFC 3339, UTC.
        started: String,
        /// The command line, secrets masked.
        command: Vec<String>,
        /// Where it ran.
        host: Host,
        /// Name of the matrix that is run; none where scenarios run by themselves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        matrix: Option<String>,
        /// The scenarios that will be judged, in the order they run.
        scenarios: Vec<ScenarioInfo>,
        /// How several attempts at one are judged.
        #[serde(default)]
        rules: Rules,
    },
    /// An attempt at a scenario begins.
    ScenarioStarted {
        /// Name of the scenario.
        scenario: String,
        /// 1 for the first try.
        attempt: u32,
        /// Where this attempt's machine comes from.
        from: StartedFrom,
        /// The reason why it is made after others; none for a first one, for repetitions, and in logs
        /// of before this was told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<AttemptReason>,
    },
    /// A machine is running (for the first time in this attempt, or again).
    MachineStarted {
        /// Name of the scenario.
        scenario: String,
        /// What it runs on.
        machine: MachineFacts,
    },
    /// A stage of the chain of `after:` begins: the scenario itself or one it starts after.
    StageStarted {
        /// Name of the judged scenario.
        scenario: String,
        /// Name of the scenario whose steps follow.
        stage: String,
        /// How many steps it has, groups and their members counted one each.
        steps: usize,
    },
    /// A step begins.
    StepStarted {
        /// Name of the judged scenario.
        scenario: String,
        /// Name of the scenario the step is written in.
        stage: String,
        /// Place in the stage: `3`, or `3.1` inside a group.
        step: String,
        /// The verb.
        verb: String,
        /// One line for people, secrets masked.
        text: String,
        /// Where it is written: `scenarios/gnome-login.yaml:12:5`.
        place: String,
        /// Time until the step gives up, after scaling; none for steps that do not wait.
        deadline_ms: Option<u64>,
    },
    /// A step ended.
    StepFinished {
        /// Name of the judged scenario.
        scenario: String,
        /// Name of the scenario the step is written in.
        stage: String,
        /// Place in the stage, as in [`Event::StepStarted`].
        step: String,
        /// What came of it.
        outcome: StepOutcome,
        /// How long it took.
        duration_ms: u64,
        /// What backs the outcome.
        evidence: Evidence,
    },
    /// The machine did something by itself or was made to.
    Machine {
        /// Name of the judged scenario.
        scenario: String,
        /// What.
        what: MachineNews,
    },
    /// A remark from a `note` step, or from the engine.
    Note {
        /// Name of the judged scenario.
        scenario: String,
        /// The remark, secrets masked.
        text: String,
    },
    /// A step used the keyboard or the pointer. Recorded when the screen has changed since, or before something else is
    /// done.
    Input {
        /// Name of the judged scenario.
        scenario: String,
        /// Place of the step in its stage.
        step: String,
        /// The action, as people write it, secrets masked: `press ctrl-alt-f2`, `click left`.
        what: String,
        /// The pixel that was pointed at, from the left and from the top.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<[u32; 2]>,
        /// The number of times that it was done, one after the other, before the screen changed.
        times: u32,
        /// The time at which it was done first, in milliseconds since the run began.
        done_ms: u64,
        /// The place that the keys have reached on their way to the guest; none for the pointer, and where they failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        arrival: Option<Arrival>,
        /// The number of the frame that the screen showed before. All frames that differ count, kept or not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
        /// The first frame that the screen showed instead; none where it did not change.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<FrameChange>,
    },
    /// A known defect was met.
    SoftFailure {
        /// Name of the judged scenario.
        scenario: String,
        /// What is wrong.
        reason: String,
        /// Where it is tracked.
        ticket: Option<String>,
    },
    /// The machine as a stage left it was saved, for runs that start there.
    CheckpointSaved {
        /// Name of the judged scenario.
        scenario: String,
        /// Name of the scenario at whose end it stands.
        stage: String,
        /// Its key, shortened for people.
        key: String,
        /// Bytes that it takes on disk.
        bytes: u64,
        /// How long the machine stood still for it.
        duration_ms: u64,
    },
    /// A checkpoint could not be made or used; the run goes on without it.
    CheckpointUnusable {
        /// Name of the judged scenario.
        scenario: String,
        /// Name of the scenario at whose end it stands.
        stage: String,
        /// Why, for people: a lowercase fragment.
        reason: String,
    },
    /// A scenario failed from a checkpoint of an earlier run and held from power-on, and then did both again: the
    /// checkpoint is to blame, and was dropped. In logs of before, once was enough.
    #[serde(alias = "checkpoint-disagreed")]
    CheckpointBlamed {
        /// Name of the judged scenario.
        scenario: String,
        /// Name of the scenario at whose end it stood.
        stage: String,
        /// Its key, shortened for people.
        key: String,
    },
    /// A watch has not seen what it watches for: what it says is not known to have held.
    NotWatched {
        /// Name of the judged scenario.
        scenario: String,
        /// Name of the scenario in which it was to watch.
        stage: String,
        /// Name of the watch.
        watch: String,
        /// Why: a lowercase fragment.
        reason: String,
    },
    /// The guest goes on from a checkpoint with the clock of the time at which that was saved: nobody could set it.
    OldClock {
        /// Name of the judged scenario.
        scenario: String,
        /// Name of the scenario at whose end the checkpoint stands.
        stage: String,
        /// The time by which it is behind.
        behind_ms: u64,
        /// The reason: a lowercase fragment.
        reason: String,
    },
    /// Something that backs the outcome could not be kept.
    EvidenceLost {
        /// Name of the judged scenario.
        scenario: String,
        /// The thing that is missing: `a picture of the screen`.
        what: String,
        /// The reason: a lowercase fragment.
        reason: String,
    },
    /// An attempt at a scenario ended.
    ScenarioFinished {
        /// Name of the scenario.
        scenario: String,
        /// The attempt that ended, from 1.
        attempt: u32,
        /// The judgement of this attempt.
        verdict: Verdict,
        /// Why it is not `passed`.
        cause: Option<Cause>,
        /// How long the attempt took, machine start and stop included.
        duration_ms: u64,
        /// The last picture of the screen.
        last_frame: Option<FrameRef>,
        /// Files of evidence, relative to the run's folder: serial log, QMP log, QEMU arguments.
        files: Vec<String>,
    },
    /// The last record of a log that was not cut short.
    RunFinished {
        /// The status the process ends with.
        exit: ExitStatus,
        /// How long the run took.
        duration_ms: u64,
    },
}

impl Event {
    /// Name of the scenario that it is about; none where it is about the whole run.
    pub fn scenario(&self) -> Option<&str> {
        let name = match self {
            Self::RunStarted { .. } | Self::RunFinished { .. } => return None,
            Self::ScenarioStarted { scenario, .. }
            | Self::MachineStarted { scenario, .. }
            | Self::StageStarted { scenario, .. }
            | Self::StepStarted { scenario, .. }
            | Self::StepFinished { scenario, .. }
            | Self::Machine { scenario, .. }
            | Self::Note { scenario, .. }
            | Self::Input { scenario, .. }
            | Self::SoftFailure { scenario, .. }
            | Self::CheckpointSaved { scenario, .. }
            | Self::CheckpointUnusable { scenario, .. }
            | Self::CheckpointBlamed { scenario, .. }
            | Self::NotWatched { scenario, .. }
            | Self::OldClock { scenario, .. }
            | Self::EvidenceLost { scenario, .. }
            | Self::ScenarioFinished { scenario, .. } => scenario,
        };
        Some(name.as_str()).filter(|name| !name.is_empty())
    }
}

/// The place that keys have reached on their way to the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// The guest's driver has taken all of them.
    Taken,
    /// Some wait in the keyboard, and are not lost.
    Waiting,
    /// They were sent, and nothing tells whether the guest has taken them.
    Unknown,
}

/// The first change of the screen after an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameChange {
    /// Number of the frame.
    pub frame: u64,
    /// The time from the begin of the input to its capture.
    pub after_ms: u64,
}

/// What a report knows of a scenario before it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioInfo {
    /// Its name in this run: what all events about it say, and its folder is called. In a matrix it says on what the
    /// scenario runs, too: `gnome-login@gnome+desktop`.
    pub name: String,
    /// The scenario's own name, where `name` says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Its title.
    pub title: String,
    /// Its file, relative to the project.
    pub file: String,
    /// Name of the image under test.
    pub image: String,
    /// `sha256:` digest of the image; none where it is not known yet.
    pub image_digest: Option<String>,
    /// Name of the machine.
    pub machine: String,
    /// The scenarios it starts after, from power-on, without itself.
    pub after: Vec<String>,
    /// The part of it that is run, such as `up to step 3`; none for all of it. The result of a part says
    /// nothing about the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

impl ScenarioInfo {
    /// The scenario's own name: that of its last stage.
    pub fn own_name(&self) -> &str {
        self.scenario.as_deref().unwrap_or(&self.name)
    }
}

/// The host of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Host name.
    pub name: String,
    /// Operating system, as it calls itself.
    pub os: String,
    /// Logical processors.
    pub cores: u32,
    /// Main memory.
    pub memory_mib: u64,
}

/// Where an attempt's machine comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartedFrom {
    /// Switched on for this attempt.
    PowerOn,
    /// The machine that the named scenario just left, in the same run.
    Continued {
        /// The scenario that ran on it before.
        scenario: String,
    },
    /// A saved machine.
    Checkpoint {
        /// The scenario at whose end it was saved.
        scenario: String,
        /// Its key, shortened for people.
        key: String,
        /// When it was saved: RFC 3339, UTC.
        saved: String,
        /// Its age when the attempt began.
        age_ms: u64,
        /// Whether it was made in this very run.
        this_run: bool,
    },
}

/// The reason why a scenario is tried after another attempt at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptReason {
    /// It failed from a checkpoint of an earlier run: the failure is to be confirmed from power-on.
    FailedFromCheckpoint,
    /// It broke off from a checkpoint of an earlier run, by no fault of the system under test.
    BrokeOffFromCheckpoint,
    /// The attempt that was to confirm a failure broke off.
    ConfirmationBrokeOff,
    /// It held from power-on after it had failed from a checkpoint: does it fail from there again?
    HeldFromPowerOn,
    /// It failed from the checkpoint again: does it hold from power-on again?
    FailedFromCheckpointAgain,
    /// It did not hold, and the user allows more tries.
    Retry,
}

/// The machine an attempt ran on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MachineFacts {
    /// Its name in the project.
    pub name: String,
    /// `x86_64`, `aarch64`, `riscv64` or `loongarch64`.
    pub arch: String,
    /// Firmware: `uefi (OVMF_CODE_4M.fd)` or `bios`.
    pub firmware: String,
    /// `kvm` or `tcg`.
    pub accel: String,
    /// Why that accelerator.
    pub accel_reason: String,
    /// CPU model as given to QEMU.
    pub cpu: String,
    /// Virtual processors.
    pub cpus: u32,
    /// Memory.
    pub memory_mib: u64,
    /// QEMU's version.
    pub qemu: String,
    /// Deadlines were multiplied by this.
    pub deadline_factor: f64,
}

/// What the machine did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum MachineNews {
    /// It was reset.
    Reset {
        /// `guest` or `host`.
        by: String,
        /// Whether a step asked for it, or said that it would come.
        expected: bool,
        /// What made it start over; none in logs of before this was told.
        #[serde(default, rename = "reset", skip_serializing_if = "Option::is_none")]
        kind: Option<ResetKind>,
        /// Milliseconds from the moment a step asked for it, or from the beginning of the step that
        /// said that it would come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_ms: Option<u64>,
    },
    /// It powered itself off.
    Shutdown {
        /// Whether a step asked for it, or said that it would come.
        expected: bool,
        /// Milliseconds, as in [`MachineNews::Reset`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_ms: Option<u64>,
    },
    /// The guest kernel panicked.
    Panicked {
        /// Whether a step said that it would.
        #[serde(default)]
        expected: bool,
    },
    /// The machine's watchdog fired.
    Watchdog {
        /// What QEMU did about it, such as `reset`.
        action: String,
    },
    /// QEMU cannot go on: hardware emulation failed.
    InternalError,
    /// The process ended.
    Exited {
        /// Exit status or signal in words.
        status: String,
        /// The end of its standard error.
        stderr: Vec<String>,
    },
    /// A disk could not be written or read.
    DiskError {
        /// The host has no space left.
        no_space: bool,
    },
    /// Anything else worth a line in the log.
    Other {
        /// QEMU's name of the event.
        name: String,
    },
}

/// What made a machine start over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResetKind {
    /// The guest restarted itself.
    Guest,
    /// The watchdog fired.
    Watchdog,
    /// The guest's kernel panicked and restarted the machine.
    Panic,
    /// A step reset the machine.
    Host,
    /// A step cut the power.
    PowerCut,
    /// The firmware's own, by which it answers the reset before: it does not count.
    Firmware,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// It held.
    Passed,
    /// It did not hold.
    Failed,
    /// It did not hold, and the scenario says that it need not.
    Forgiven,
    /// Its `when` was false.
    Skipped,
    /// The harness, the host or the machine broke.
    Error,
    /// Stopped by the user.
    Cancelled,
}
