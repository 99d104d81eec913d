//! Words for steps, their outcomes, their evidence, and causes.

use crate::duration::human_duration;
use crate::log::{Cause, CauseKind, Evidence, ExitStatus, StepOutcome, TextFound, TextResult};
use crate::plain_text::plain_line;
use crate::run::{Durations, Step, StepName, Varied};

impl StepName<'_> {
    /// Returns the place of the step: `gnome-login step 3`.
    pub fn place(&self) -> String {
        match self.stage {
            "" => format!("step {}", self.id),
            stage => format!("{stage} step {}", self.id),
        }
    }

    /// Returns the name of the step, for people: its place and its text.
    pub fn text(&self) -> String {
        format!("{} `{}`", self.place(), self.text)
    }
}

impl Varied<'_> {
    /// Returns the number of each outcome: `37 passed, 3 failed`.
    pub fn counts(&self) -> String {
        let counts = self.outcomes.iter().map(|(outcome, count)| {
            let word = outcome.map_or("interrupted", StepOutcome::word);
            format!("{count} {word}")
        });
        counts.collect::<Vec<_>>().join(", ")
    }
}

impl Durations {
    /// Returns the shortest, the longest and the middle: `3.1s to 6s, median 4.5s`. If all look the same, it returns
    /// one duration.
    pub fn text(self) -> String {
        let [min, median, max] = [self.min_ms, self.median_ms, self.max_ms].map(human_duration);
        if min == max {
            min
        } else {
            format!("{min} to {max}, median {median}")
        }
    }
}

/// Returns how a step ended and when: `failed after 3m`.
pub(crate) fn step_ended(step: &Step) -> String {
    let word = step.outcome.map_or("was interrupted", StepOutcome::word);
    let word = match step.outcome {
        Some(StepOutcome::Skipped | StepOutcome::Cancelled | StepOutcome::Forgiven) => {
            format!("was {word}")
        }
        Some(StepOutcome::Error) => format!("ended with an {word}"),
        Some(StepOutcome::Passed | StepOutcome::Failed) | None => word.to_owned(),
    };
    format!("{word} after {}", human_duration(step.duration_ms))
}

impl Evidence {
    /// Returns the time from the last action to its result on the screen, for people; none if there was no action, or
    /// no look.
    pub fn after_text(&self) -> Option<String> {
        let after = human_duration(self.after_ms?);
        Some(format!("shown {after} after the last input"))
    }
}

impl StepOutcome {
    /// Returns the word used in reports and on the terminal.
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
    /// Returns the result, for people, on one line.
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

impl Cause {
    /// Returns the first line of the message.
    pub fn first_line(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

impl CauseKind {
    /// Returns the kind in one word, as the event log and `junit.xml` write it.
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
    /// Returns the meaning of the status, for people: a lowercase fragment.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "no scenario failed, and nothing broke",
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
