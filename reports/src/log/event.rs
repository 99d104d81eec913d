//! The kinds of events.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::{AreaFound, Cause, Evidence, FrameRef};
use super::film::FilmPicture;
use super::machine::{MachineFacts, MachineNews};
use super::start::{AttemptReason, Host, ScenarioInfo, StartedFrom};
use super::verdict::{ExitStatus, Rules, StepOutcome, Verdict};

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[expect(
    clippy::large_enum_variant,
    reason = "events are few and short-lived; boxing would only hide their fields"
)]
pub enum Event {
    /// The first entry of every log.
    RunStarted {
        /// Version of the format of this log.
        format: u32,
        /// Version of `qa`.
        version: String,
        /// Name of the run's folder.
        run: String,
        /// Wall-clock time, RFC 3339, UTC.
        started: String,
        /// The command line, secrets masked.
        command: Vec<String>,
        /// The hosts that it ran on: one, or several where their logs were merged.
        hosts: Vec<Host>,
        /// Name of the matrix that is run; none where scenarios run by themselves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        matrix: Option<String>,
        /// The scenarios that will be judged, in the order they run.
        scenarios: Vec<ScenarioInfo>,
        /// The rules for judging several attempts at one.
        #[serde(default)]
        rules: Rules,
    },
    /// An attempt at a scenario begins.
    ScenarioStarted {
        /// The origin of the attempt's machine.
        from: StartedFrom,
        /// The reason for another attempt; none for a first one, for repetitions, and in logs that do not tell it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<AttemptReason>,
    },
    /// A machine runs, for the first time in this attempt or again.
    MachineStarted {
        /// Its facts.
        facts: MachineFacts,
    },
    /// A stage of the chain of `after:` begins: the scenario itself or one it starts after.
    StageStarted {
        /// Name of the scenario whose steps follow.
        stage: String,
        /// The number of its steps. A group counts as one, and so does each of its members.
        steps: usize,
    },
    /// A step begins.
    StepStarted {
        /// Name of the scenario the step is written in.
        stage: String,
        /// Place in the stage: `3`, or `3.1` inside a group.
        step: String,
        /// The verb.
        verb: String,
        /// One line for people, secrets masked.
        text: String,
        /// Its place in a file: `scenarios/gnome-login.yaml:12:5`.
        place: String,
        /// Time until the step gives up, after scaling; none for steps that do not wait.
        deadline_ms: Option<u64>,
    },
    /// A step ended.
    StepFinished {
        /// Name of the scenario the step is written in.
        stage: String,
        /// Place in the stage, as in [`Event::StepStarted`].
        step: String,
        /// Its outcome.
        outcome: StepOutcome,
        /// The time that it took.
        duration_ms: u64,
        /// The evidence for the outcome.
        evidence: Evidence,
    },
    /// Something happened to the machine, by itself or because of a step.
    Machine {
        /// The event of the machine.
        what: MachineNews,
    },
    /// A remark from a `note` step, or from the engine.
    Note {
        /// The remark, secrets masked.
        text: String,
    },
    /// A step used the keyboard or the pointer. This is recorded after the first change of the screen, or before the
    /// next action.
    Input {
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
    /// The screen changed, and the film has a picture of it. Changes that come faster than the host can keep them have
    /// no picture.
    Shot {
        /// The number of the frame, as in [`FrameRef::generation`](super::FrameRef::generation). None without a
        /// picture.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frame: Option<u64>,
        /// The time at which the screen showed it, in milliseconds since the run began.
        shown_ms: u64,
        /// The picture; none where the machine showed no picture.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<FilmPicture>,
    },
    /// The film of a machine grew too long: of its shots so far, the second, the fourth and so on were dropped.
    FilmThinned {
        /// The number of shots that are left.
        left: usize,
    },
    /// A step waits for a needle, and the nearest one, its similarity or its place has changed. Looks that follow each
    /// other fast are not all recorded. The last look of a step is in its evidence.
    Compared {
        /// Place of the step in its stage.
        step: String,
        /// The number of the frame, as in [`FrameRef::generation`](super::FrameRef::generation).
        frame: u64,
        /// Name of the nearest needle.
        needle: String,
        /// Its match areas in file order.
        areas: Vec<AreaFound>,
    },
    /// Lines of the serial console ended. This is recorded at most a quarter of a second later.
    Serial {
        /// The lines as a terminal shows them, secrets masked; none if there is no room for more.
        lines: Vec<String>,
        /// The number of lines before them that are only in the serial log, because the guest said too much.
        #[serde(default, skip_serializing_if = "is_zero")]
        left_out: usize,
    },
    /// A known defect was met.
    SoftFailure {
        /// The defect.
        reason: String,
        /// The ticket of the defect.
        ticket: Option<String>,
    },
    /// The machine as a stage left it was saved, for runs that start there.
    CheckpointSaved {
        /// Name of the scenario at whose end it stands.
        stage: String,
        /// Its key, shortened for people.
        key: String,
        /// Bytes that it takes on disk.
        bytes: u64,
        /// The time that the machine stood still for it.
        duration_ms: u64,
    },
    /// A checkpoint could not be made or used; the run goes on without it.
    CheckpointUnusable {
        /// Name of the scenario at whose end it stands.
        stage: String,
        /// The reason, for people: a lowercase fragment.
        reason: String,
    },
    /// A scenario failed from a checkpoint of an earlier run and held from power-on, and then did both again. The
    /// checkpoint is to blame, and was dropped. In older logs, once was enough.
    CheckpointBlamed {
        /// Name of the scenario at whose end it stood.
        stage: String,
        /// Its key, shortened for people.
        key: String,
    },
    /// A watch could not look, so that nobody knows if its condition held.
    NotWatched {
        /// Name of the scenario in which it was to watch.
        stage: String,
        /// Name of the watch.
        watch: String,
        /// The reason: a lowercase fragment.
        reason: String,
    },
    /// The guest goes on from a checkpoint, and its clock shows the time of the save, because nothing could set it.
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
        /// The thing that is missing: `a picture of the screen`.
        what: String,
        /// The reason: a lowercase fragment.
        reason: String,
    },
    /// An attempt at a scenario ended.
    ScenarioFinished {
        /// The judgement of this attempt.
        verdict: Verdict,
        /// The reason why it is not `passed`.
        cause: Option<Cause>,
        /// The time that the attempt took, with start and stop of the machine.
        duration_ms: u64,
        /// The last picture of the screen.
        last_frame: Option<FrameRef>,
        /// Files of evidence, relative to the run's folder: serial log, QMP log, QEMU arguments.
        files: Vec<String>,
    },
    /// The last entry of a log that was not cut short. A merged log has one for each of its parts.
    RunFinished {
        /// The status the process ends with.
        exit: ExitStatus,
        /// The time that the run took.
        duration_ms: u64,
        /// The scenarios of the part that ended; none for all scenarios of the log.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scenarios: Option<Vec<String>>,
    },
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The place that keys have reached on their way to the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FrameChange {
    /// Number of the frame.
    pub frame: u64,
    /// The time from the start of the input to the capture of the frame.
    pub after_ms: u64,
}
