//! Words for machines, for the origin of an attempt, and for the reason of another one.

use crate::duration::human_age;
use crate::log::{AttemptReason, BackendFacts, StartedFrom};
use crate::run::Scenario;

/// Returns a text with the machine that it is about, where a scenario has several.
pub fn on_machine(machine: Option<&str>, text: &str) -> String {
    match machine {
        Some(machine) => format!("on {machine}: {text}"),
        None => text.to_owned(),
    }
}

impl StartedFrom {
    /// Returns the origin of the machine of an attempt, to follow "starts": a lowercase fragment.
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

    /// Returns the same in few words.
    pub(crate) fn short_text(&self) -> String {
        match self {
            Self::PowerOn | Self::Continued { .. } => self.text(),
            Self::Checkpoint { scenario, .. } => format!("from the checkpoint of {scenario}"),
        }
    }
}

impl BackendFacts {
    /// Returns the kind of machine in one word: the accelerator of QEMU, or the backend.
    pub fn word(&self) -> &str {
        match self {
            Self::Qemu { accel, .. } => accel,
            Self::Board { .. } => "board",
            Self::Scripted => "scripted",
        }
    }
}

impl AttemptReason {
    /// Returns the reason for another attempt: a lowercase fragment, to be followed by "; trying".
    pub fn text(self) -> &'static str {
        match self {
            Self::FailedFromCheckpoint => "failed from a checkpoint",
            Self::BrokeOffFromCheckpoint => "broke off from a checkpoint",
            Self::ConfirmationBrokeOff => "broke off, and the failure is not confirmed yet",
            Self::HeldFromPowerOn => "failed from a checkpoint and held from power-on",
            Self::FailedFromCheckpointAgain => "failed from the checkpoint again",
            Self::Retry => "did not hold",
        }
    }
}

impl Scenario {
    /// Returns the checkpoint from which the deciding attempt started, in few words; none if it started elsewhere.
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
