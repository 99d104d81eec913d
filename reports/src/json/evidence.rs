//! The evidence for the outcome of a step.

use serde::Serialize;

use crate::log::{
    AreaFound, Candidate, Cause, CauseKind, ChangedArea, CommandResult, Evidence, FrameRef,
    KeptFile, Look, TextFound, TextResult, Wanted,
};

/// The reason why something did not hold.
#[derive(Debug, Serialize)]
pub(super) struct CauseTold<'r> {
    kind: &'static str,
    /// Name of the watch that was breached.
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<&'r str>,
    message: &'r str,
    hints: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'r str>,
}

/// The evidence for the outcome of a step.
#[derive(Debug, Serialize)]
pub(super) struct EvidenceTold<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<CauseTold<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<Picture<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    look: Option<LookTold<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Rectangle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<CommandTold<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileTold<'r>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    kernel_crash: &'r [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    serial_tail: &'r [String],
}

/// A picture of the screen.
#[derive(Debug, Serialize)]
pub(super) struct Picture<'r> {
    file: &'r str,
    generation: u64,
    width: u32,
    height: u32,
}

#[derive(Debug, Serialize)]
struct LookTold<'r> {
    query: &'r str,
    wanted: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<CandidateTold<'r>>,
    candidates: Vec<CandidateTold<'r>>,
}

#[derive(Debug, Serialize)]
struct CandidateTold<'r> {
    needle: &'r str,
    error: f64,
    areas: Vec<AreaTold>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    texts: Vec<TextTold<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workaround: Option<&'r str>,
}

#[derive(Debug, Serialize)]
struct AreaTold {
    x: i64,
    y: i64,
    width: u32,
    height: u32,
    recorded_x: i64,
    recorded_y: i64,
    similarity: f64,
    required: f64,
    ok: bool,
}

#[derive(Debug, Serialize)]
struct TextTold<'r> {
    area: usize,
    wanted: &'r str,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'r str>,
}

#[derive(Debug, Serialize)]
struct Rectangle {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

#[derive(Debug, Serialize)]
struct CommandTold<'r> {
    command: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit: Option<i64>,
    stdout: &'r str,
    stderr: &'r str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    remarks: &'r [String],
}

#[derive(Debug, Serialize)]
struct FileTold<'r> {
    file: &'r str,
    guest_path: &'r str,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'r str>,
}

impl<'r> CauseTold<'r> {
    /// Returns a cause.
    pub(super) fn of(cause: &'r Cause) -> Self {
        let watch = if let CauseKind::Watch(name) = &cause.kind {
            Some(name.as_str())
        } else {
            None
        };
        Self {
            kind: cause.kind.word(),
            watch,
            message: &cause.message,
            hints: &cause.hints,
            step: cause.step.as_deref(),
            place: cause.place.as_deref(),
        }
    }
}

impl<'r> EvidenceTold<'r> {
    /// Returns the evidence of a step.
    pub(super) fn of(evidence: &'r Evidence) -> Self {
        Self {
            cause: evidence.cause.as_ref().map(CauseTold::of),
            frame: evidence.frame.as_ref().map(Picture::of),
            look: evidence.look.as_ref().map(look),
            changed: evidence.changed.as_ref().map(rectangle),
            after_ms: evidence.after_ms,
            command: evidence.command.as_ref().map(command),
            file: evidence.file.as_ref().map(file),
            kernel_crash: &evidence.kernel_crash,
            serial_tail: &evidence.serial_tail,
        }
    }

    /// Returns true if there is none.
    pub(super) fn is_empty(&self) -> bool {
        let Self {
            cause,
            frame,
            look,
            changed,
            after_ms,
            command,
            file,
            kernel_crash,
            serial_tail,
        } = self;
        cause.is_none()
            && frame.is_none()
            && look.is_none()
            && changed.is_none()
            && after_ms.is_none()
            && command.is_none()
            && file.is_none()
            && kernel_crash.is_empty()
            && serial_tail.is_empty()
    }
}

impl<'r> Picture<'r> {
    /// Returns a picture.
    pub(super) fn of(frame: &'r FrameRef) -> Self {
        Self {
            file: &frame.file,
            generation: frame.generation,
            width: frame.width,
            height: frame.height,
        }
    }
}

fn look(look: &Look) -> LookTold<'_> {
    LookTold {
        query: &look.query,
        wanted: match look.wanted {
            Wanted::Present => "present",
            Wanted::Absent => "absent",
        },
        matched: look.matched.as_ref().map(candidate),
        candidates: look.candidates.iter().map(candidate).collect(),
    }
}

fn candidate(candidate: &Candidate) -> CandidateTold<'_> {
    CandidateTold {
        needle: &candidate.needle,
        error: candidate.error,
        areas: candidate.areas.iter().map(area).collect(),
        texts: candidate.texts.iter().map(text).collect(),
        picture: candidate.picture.as_deref(),
        workaround: candidate.workaround.as_deref(),
    }
}

fn area(area: &AreaFound) -> AreaTold {
    AreaTold {
        x: area.x,
        y: area.y,
        width: area.width,
        height: area.height,
        recorded_x: area.recorded_x,
        recorded_y: area.recorded_y,
        similarity: area.similarity,
        required: area.required,
        ok: area.ok,
    }
}

fn text(text: &TextFound) -> TextTold<'_> {
    let (result, read, reason) = match &text.result {
        TextResult::Unread => ("unread", None, None),
        TextResult::Fits { read } => ("fits", Some(read.as_str()), None),
        TextResult::Differs { read } => ("differs", Some(read.as_str()), None),
        TextResult::Skipped { reason } => ("skipped", None, Some(reason.as_str())),
    };
    TextTold {
        area: text.area,
        wanted: &text.wanted,
        result,
        read,
        reason,
    }
}

fn rectangle(area: &ChangedArea) -> Rectangle {
    Rectangle {
        x: area.x,
        y: area.y,
        width: area.width,
        height: area.height,
    }
}

fn command(command: &CommandResult) -> CommandTold<'_> {
    CommandTold {
        command: &command.command,
        user: command.user.as_deref(),
        exit: command.exit,
        stdout: &command.stdout,
        stderr: &command.stderr,
        remarks: &command.remarks,
    }
}

fn file(file: &KeptFile) -> FileTold<'_> {
    FileTold {
        file: &file.file,
        guest_path: &file.guest_path,
        bytes: file.bytes,
        remark: file.remark.as_deref(),
    }
}
