//! The evidence for an outcome: causes, pictures, looks and commands, as the event log holds them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The evidence for the outcome of a step. A part that does not apply is absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Evidence {
    /// The reason why the step did not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// The screen when the step ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<FrameRef>,
    /// The look at the screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// The place of the last change of a screen that should not change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<ChangedArea>,
    /// The place on the screen that the likely reason of a failed look is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointed_out: Option<PointedOut>,
    /// Milliseconds from the last action on the machine (keys, pointer, a command, its power) to the first picture that
    /// shows the wanted needle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<u64>,
    /// A command in the guest and what it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandResult>,
    /// A file of the guest that was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<KeptFile>,
    /// The crash of the guest's kernel on the serial console, from its first line; only for steps that did not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kernel_crash: Vec<String>,
    /// The last lines of the serial console; only for steps that did not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub serial_tail: Vec<String>,
}

/// The reason why something did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// The kind, for programs.
    pub kind: CauseKind,
    /// The event, for people: a lowercase fragment.
    pub message: String,
    /// The next things to do, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// The step it happened at: `gnome-login step 3`; none outside steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The place of that step in a file: `scenarios/gnome-login.yaml:12:5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// The kinds of causes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// The deadline passed.
    Deadline,
    /// A condition that must hold all the time did not hold: the name of the watch.
    Watch(String),
    /// The guest was reset and no step had asked for it.
    UnexpectedReset,
    /// The machine started over more often or less often than a step says.
    Resets,
    /// The guest powered itself off and no step had asked for it.
    UnexpectedShutdown,
    /// The guest kernel panicked.
    Panic,
    /// A command in the guest did not do what the step says.
    Command,
    /// An `assert` was false, or a value was not as it must be.
    Assertion,
    /// QEMU ended by itself.
    MachineExited,
    /// QEMU stopped the machine: hardware emulation failed.
    InternalError,
    /// A disk of the host is full.
    DiskFull,
    /// The machine could not be started.
    Launch,
    /// The image is missing or no disk.
    Image,
    /// A step cannot be carried out as written.
    Scenario,
    /// A capability that the scenario needs is missing.
    Missing,
    /// Only a part of the scenario was run, and it held. Reports have this cause; no log has it.
    Partial,
    /// The run goes on, and the result is not known yet. Reports have this cause; no log has it.
    Unfinished,
    /// Stopped by the user.
    Cancelled,
    /// `qa` itself or the host broke.
    Harness,
}

/// A picture of the screen that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FrameRef {
    /// PNG file, relative to the run's folder.
    pub file: String,
    /// Its number: grows with every change of the screen.
    pub generation: u64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// A file of the guest that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptFile {
    /// The file, relative to the run's folder.
    pub file: String,
    /// Its path in the guest.
    pub guest_path: String,
    /// The number of bytes that were kept.
    pub bytes: u64,
    /// A remark on secrets in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// The smallest rectangle that holds every pixel that differs between two pictures, in pixels of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedArea {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width, at least 1.
    pub width: u32,
    /// Height, at least 1.
    pub height: u32,
}

/// A place on the screen that explains a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PointedOut {
    /// Its place on the screen.
    pub area: ChangedArea,
    /// The thing that is there, in a few words.
    pub label: String,
}

/// A look at the screen: the needles that were wanted, and those that were found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Look {
    /// The tags, as the scenario writes them.
    pub query: String,
    /// The direction of the look.
    pub wanted: Wanted,
    /// The needle that matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<Candidate>,
    /// The needles that did not, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

/// The direction of a look: needles to find, or needles to be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// `see`, `click`: one must match.
    Present,
    /// `gone`: none may match.
    Absent,
}

/// A needle compared with a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Name of the needle.
    pub needle: String,
    /// Mean over its areas of `(1 - similarity)^2`; 0 is identical.
    pub error: f64,
    /// Its match areas in file order.
    pub areas: Vec<AreaFound>,
    /// PNG of the needle, relative to the run's folder, where it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// A workaround needle, with its reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workaround: Option<String>,
    /// Its areas whose text decides, in file order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<TextFound>,
}

impl Candidate {
    /// Returns the area that is furthest from what it needs, with its number from 1.
    pub fn worst_area(&self) -> Option<(usize, &AreaFound)> {
        let missing = |area: &AreaFound| area.required - area.similarity;
        let areas = (1..).zip(&self.areas);
        areas.max_by(|(_, a), (_, b)| missing(a).total_cmp(&missing(b)))
    }
}

/// An area whose text decides whether its needle is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextFound {
    /// The number of the area in the needle, from 1, in file order.
    pub area: usize,
    /// The text that it must say.
    pub wanted: String,
    /// The result of reading it.
    #[serde(flatten)]
    pub result: TextResult,
}

/// The result of reading a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "result")]
pub enum TextResult {
    /// Not read, since the needle fails without it.
    Unread,
    /// It says the wanted text.
    Fits {
        /// The text that was read.
        read: String,
    },
    /// It says something else.
    Differs {
        /// The text that was read.
        read: String,
    },
    /// It could not be read on this host, so it decided nothing.
    Skipped {
        /// The reason.
        reason: String,
    },
}

/// An area of a needle, and where it was found. All places and sizes are pixels of the frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AreaFound {
    /// Left edge where it was found.
    pub x: i64,
    /// Upper edge where it was found.
    pub y: i64,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// Left edge in the needle's own picture.
    pub recorded_x: i64,
    /// Upper edge in the needle's own picture.
    pub recorded_y: i64,
    /// Measured similarity, 0.0 to 1.0.
    pub similarity: f64,
    /// Required similarity, 0.0 to 1.0.
    pub required: f64,
    /// True if the similarity is enough.
    pub ok: bool,
}

/// A command in the guest and what it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandResult {
    /// The command line, secrets masked.
    pub command: String,
    /// The user it ran as.
    pub user: Option<String>,
    /// Exit status; none where it was ended by a signal or did not end.
    pub exit: Option<i64>,
    /// Standard output, lossy UTF-8, cut to what a report can show, secrets masked.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// Remarks on the output: a part was left out, or it is no text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}
