//! What the parts of an event are called, the same in every report.

use crate::number_ranges::number_ranges;
use crate::plain_text::plain_line;
use crate::{
    AttemptReason, CauseKind, Durations, Event, Evidence, ExitStatus, Finding, MachineNews, Remark,
    Scenario, StartedFrom, StepName, StepOutcome, TextFound, TextResult, Unconfirmed, Varied,
    human_age, human_duration, human_size,
};

impl StartedFrom {
    /// Where the machine of an attempt comes from, to follow "starts": a lowercase fragment.
    pub fn text(&self) -> String {
        match self {
            Self::PowerOn => "from power-on".to_owned(),
            Self::Continued { scenario } => format!("where {scenario} ended"),
            Self::Checkpoint {
                scenario,
                key,
                saved: _,
                age_ms: _,
                this_run: true,
            } => format!("from the checkpoint of {scenario}, made in this run ({key})"),
            Self::Checkpoint {
                scenario,
                key,
                saved: _,
                age_ms,
                this_run: false,
            } => format!(
                "from the checkpoint of {scenario}, {} old, made in an earlier run ({key})",
                human_age(*age_ms)
            ),
        }
    }

    /// The same in few words.
    pub(crate) fn short_text(&self) -> String {
        match self {
            Self::PowerOn | Self::Continued { .. } => self.text(),
            Self::Checkpoint { scenario, .. } => format!("from the checkpoint of {scenario}"),
        }
    }
}

impl AttemptReason {
    /// Returns what came before an attempt and is the reason for it: a lowercase fragment, to be followed by
    /// "; trying".
    pub fn text(self) -> &'static str {
        match self {
            Self::FailedFromCheckpoint => "failed from a checkpoint",
            Self::BrokeOffFromCheckpoint => "broke off from a checkpoint",
            Self::ConfirmationBrokeOff => "broke off, and what failed is not confirmed yet",
            Self::HeldFromPowerOn => "failed from a checkpoint and held from power-on",
            Self::FailedFromCheckpointAgain => "failed from the checkpoint again",
            Self::Retry => "did not hold",
        }
    }
}

impl Scenario {
    /// From which checkpoint the attempt started that the verdict rests on, in few words; none where it is from none.
    pub fn checkpoint(&self) -> Option<String> {
        match &self.deciding_attempt()?.from {
            StartedFrom::PowerOn | StartedFrom::Continued { .. } => None,
            StartedFrom::Checkpoint {
                scenario,
                age_ms,
                this_run,
                ..
            } => {
                let age = match this_run {
                    true => "made in this run".to_owned(),
                    false => format!("{} old", human_age(*age_ms)),
                };
                Some(format!("from the checkpoint of {scenario}, {age}"))
            }
        }
    }
}

impl Event {
    /// Returns the text of an event about the guest's clock, for people; none for other events.
    pub fn clock_text(&self) -> Option<String> {
        match self {
            Self::OldClock {
                stage,
                behind_ms,
                reason,
                ..
            } => Some(old_clock(stage, *behind_ms, reason)),
            _ => None,
        }
    }

    /// What an event about a checkpoint says, for people; none for other events.
    pub fn checkpoint_text(&self) -> Option<String> {
        match self {
            Self::CheckpointSaved {
                stage,
                key,
                bytes,
                duration_ms,
            } => Some(saved(stage, key, *bytes, *duration_ms)),
            Self::CheckpointUnusable { stage, reason } => Some(unusable(stage, reason)),
            Self::CheckpointBlamed { stage, key } => Some(blamed(stage, key)),
            _ => None,
        }
    }
}

fn saved(stage: &str, key: &str, bytes: u64, duration_ms: u64) -> String {
    format!(
        "checkpoint of {stage} saved: {} in {} ({key})",
        human_size(bytes),
        human_duration(duration_ms)
    )
}

fn unusable(stage: &str, reason: &str) -> String {
    format!("no checkpoint of {stage}: {reason}")
}

fn blamed(stage: &str, key: &str) -> String {
    format!(
        "failed from the checkpoint of {stage} each time and held from power-on each time: the checkpoint is to blame, \
        and was dropped ({key})"
    )
}

impl Remark {
    /// What it says, for people: one line.
    pub fn text(&self) -> String {
        match self {
            Self::Note(note) => note.clone(),
            Self::Machine(news) => news.text(),
            Self::Started(machine) => format!("machine {} started again", machine.name),
            Self::SoftFailure(defect) => defect.text(),
            Self::CheckpointSaved {
                stage,
                key,
                bytes,
                duration_ms,
            } => saved(stage, key, *bytes, *duration_ms),
            Self::CheckpointUnusable { stage, reason } => unusable(stage, reason),
        }
    }
}

impl StepName<'_> {
    /// Where it is written: `gnome-login step 3`.
    pub fn place(&self) -> String {
        match self.stage {
            "" => format!("step {}", self.id),
            stage => format!("{stage} step {}", self.id),
        }
    }

    /// Which step it is, for people: its place, and what it does.
    pub fn text(&self) -> String {
        format!("{} `{}`", self.place(), self.text)
    }
}

impl Varied<'_> {
    /// How often the step came to what: `37 passed, 3 failed`.
    pub fn counts(&self) -> String {
        let counts = self.outcomes.iter().map(|(outcome, count)| {
            let word = outcome.map_or("interrupted", StepOutcome::word);
            format!("{count} {word}")
        });
        counts.collect::<Vec<_>>().join(", ")
    }
}

impl Durations {
    /// From the shortest to the longest, and the middle: `3.1s to 6s, median 4.5s`; one duration where all are the same
    /// to people.
    pub fn text(self) -> String {
        let [min, median, max] = [self.min_ms, self.median_ms, self.max_ms].map(human_duration);
        if min == max {
            min
        } else {
            format!("{min} to {max}, median {median}")
        }
    }
}

impl Finding {
    /// What came out, for people: a lowercase fragment.
    pub fn text(&self) -> String {
        match self {
            Self::CheckpointBlamed {
                stage,
                key,
                failed,
                held,
            } => {
                let [failed, held] =
                    [failed, held].map(|numbers| number_ranges(numbers.iter().copied()));
                format!(
                    "{}; attempts that failed from it: {failed}; that held without it: {held}",
                    blamed(stage, key)
                )
            }
            Self::NotConfirmed { stage, key, why } => {
                let why = match why {
                    Unconfirmed::NotWanted => "--no-confirm",
                    Unconfirmed::Repetition => "repetitions are not",
                    Unconfirmed::NotJudged => "no attempt from there could judge it",
                };
                format!(
                    "did not hold from the checkpoint of {stage}, made in an earlier run; not confirmed from power-on \
                    ({why}) ({key})"
                )
            }
            Self::NotWatched {
                stage,
                watch,
                reason,
            } => not_watched(stage, watch, reason),
            Self::OldClock {
                stage,
                behind_ms,
                reason,
            } => old_clock(stage, *behind_ms, reason),
            Self::EvidenceLost { what, reason } => evidence_lost(what, reason),
        }
    }

    /// What that means to whoever reads the verdict: whole sentences.
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::CheckpointBlamed { .. } => {
                "What failed and then held is flaky all the same, and every attempt is shown. \
                 Something that changes the outcome is not part of the checkpoint's key, or the machine did not come \
                 back as it was saved."
            }
            Self::NotConfirmed { .. } => {
                "The failure counts as it is. Whether the system under test is to blame, or the checkpoint that the \
                attempt started from, is not known."
            }
            Self::NotWatched { .. } => {
                "Nobody has seen whether what it watches for happened: the verdict says nothing of it."
            }
            Self::OldClock { .. } => {
                "What compares the guest's time with another (TLS, tokens, dates of files) may have failed for it, \
                or held."
            }
            Self::EvidenceLost { .. } => {
                "The verdict stands on what was seen while it ran; what would show it to others is missing here."
            }
        }
    }

    /// What to do next: one sentence.
    pub fn next(&self) -> &'static str {
        match self {
            Self::CheckpointBlamed { .. } => {
                "compare the attempts at the first step that differs; if it comes back, run with `--cold` and report \
                it with the run's folder"
            }
            Self::NotConfirmed { .. } => {
                "run it with `--cold`: what it comes to from power-on is what the system under test does"
            }
            Self::EvidenceLost { .. } => {
                "make room where the results go, or give another folder with `--results`, and run it again"
            }
            Self::NotWatched { .. } => {
                "give the image what the watch needs (qemu-guest-agent, as a rule), or switch the watch off in the \
                scenario: `off: NAME`"
            }
            Self::OldClock { .. } => {
                "run it with `--cold`, give the image qemu-guest-agent, or set the clock in a step (`date -s`)"
            }
        }
    }
}

/// The words of a log for evidence that could not be kept.
pub(crate) fn evidence_lost(what: &str, reason: &str) -> String {
    format!("{what} is lost: {reason}")
}

/// What a log says of a watch that has seen nothing.
pub(crate) fn not_watched(stage: &str, watch: &str, reason: &str) -> String {
    format!("watch `{watch}` of {stage} has not looked: {reason}")
}

/// Returns the line of a log about a guest with an old clock.
fn old_clock(stage: &str, behind_ms: u64, reason: &str) -> String {
    format!(
        "the guest's clock is {} old, as of the checkpoint of {stage}: {reason}",
        human_duration(behind_ms)
    )
}

impl Evidence {
    /// How long it took to show what was done before, for people; none where nothing was done, or nothing looked for.
    pub fn after_text(&self) -> Option<String> {
        let after = human_duration(self.after_ms?);
        Some(format!("shown {after} after the last input"))
    }
}

impl StepOutcome {
    /// The word used in reports and on the terminal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Forgiven => "forgiven",
            Self::Skipped => "skipped",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }
}

impl TextFound {
    /// What came of it, for people, on one line.
    pub fn text(&self) -> String {
        let (area, wanted) = (self.area, plain_line(&self.wanted));
        match &self.result {
            TextResult::Unread => format!("area {area} must say {wanted}: not read"),
            TextResult::Fits { read } => {
                format!(
                    "area {area} must say {wanted}: it says `{}`",
                    plain_line(read)
                )
            }
            TextResult::Differs { read } if read.trim().is_empty() => {
                format!("area {area} must say {wanted}, but nothing can be read there")
            }
            TextResult::Differs { read } => {
                format!(
                    "area {area} must say {wanted}, but says `{}`",
                    plain_line(read)
                )
            }
            TextResult::Skipped { reason } => {
                format!(
                    "area {area} must say {wanted}: skipped: {}",
                    plain_line(reason)
                )
            }
        }
    }
}

impl MachineNews {
    /// What happened, for people: a lowercase fragment.
    pub fn text(&self) -> String {
        let asked = |expected: bool| {
            if expected {
                ""
            } else {
                ", and no step asked for it"
            }
        };
        let after = |ms: Option<u64>| match ms {
            Some(ms) => format!(" after {}", human_duration(ms)),
            None => String::new(),
        };
        match self {
            Self::Reset {
                kind,
                expected,
                after_ms,
            } => {
                let what = kind.text();
                format!("{what}{}{}", after(*after_ms), asked(*expected))
            }
            Self::Shutdown { expected, after_ms } => {
                let after = after(*after_ms);
                format!("the machine powered off{after}{}", asked(*expected))
            }
            Self::Panicked { expected: true } => {
                "the guest's kernel panicked, as expected".to_owned()
            }
            Self::Panicked { expected: false } => "the guest's kernel panicked".to_owned(),
            Self::Watchdog { action } => {
                format!("the machine's watchdog fired, and QEMU did `{action}`")
            }
            Self::InternalError => "QEMU stopped the machine with an internal error".to_owned(),
            Self::Exited { status, stderr } => match stderr.last() {
                Some(last) => format!("QEMU ended: {status}: {last}"),
                None => format!("QEMU ended: {status}"),
            },
            Self::DiskError { no_space: true } => {
                "a disk error: the host has no space left".to_owned()
            }
            Self::DiskError { no_space: false } => "a disk error".to_owned(),
            Self::Other { name } => format!("QEMU says {name}"),
        }
    }
}

impl CauseKind {
    /// The kind in one word, as the event log and `junit.xml` write it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Watch(_) => "watch",
            Self::UnexpectedReset => "unexpected-reset",
            Self::Resets => "resets",
            Self::UnexpectedShutdown => "unexpected-shutdown",
            Self::Panic => "panic",
            Self::Command => "command",
            Self::Assertion => "assertion",
            Self::MachineExited => "machine-exited",
            Self::InternalError => "internal-error",
            Self::DiskFull => "disk-full",
            Self::Launch => "launch",
            Self::Image => "image",
            Self::Scenario => "scenario",
            Self::Missing => "missing",
            Self::Partial => "partial",
            Self::Unfinished => "unfinished",
            Self::Cancelled => "cancelled",
            Self::Harness => "harness",
        }
    }
}

impl ExitStatus {
    /// What the status means, for people: a lowercase fragment.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "nothing gates",
            Self::Failed => "a scenario failed",
            Self::Usage => "the call, a scenario or the project file is wrong",
            Self::Error => "the harness, the host or the machine broke; no scenario failed",
            Self::Cancelled => "stopped by the user",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_causes_are_those_of_the_log() {
        for kind in [
            CauseKind::Deadline,
            CauseKind::UnexpectedReset,
            CauseKind::Resets,
            CauseKind::UnexpectedShutdown,
            CauseKind::Panic,
            CauseKind::Command,
            CauseKind::Assertion,
            CauseKind::MachineExited,
            CauseKind::InternalError,
            CauseKind::DiskFull,
            CauseKind::Launch,
            CauseKind::Image,
            CauseKind::Scenario,
            CauseKind::Missing,
            CauseKind::Partial,
            CauseKind::Unfinished,
            CauseKind::Cancelled,
            CauseKind::Harness,
        ] {
            let stored = serde_json::to_value(&kind).expect("a kind is a string");
            assert_eq!(stored, kind.word());
        }
        let watch = serde_json::to_value(CauseKind::Watch("oops".into())).expect("an object");
        assert_eq!(watch[CauseKind::Watch(String::new()).word()], "oops");
    }
}
