//! Words for events, and for remarks made of them.

use super::lines::{blamed, evidence_lost, not_watched, old_clock, saved, unusable};
use crate::duration::human_duration;
use crate::log::{Event, MachineNews};
use crate::run::Remark;

impl Event {
    /// Returns the text of an event about a checkpoint, a watch, the guest's clock or lost evidence, for people: one
    /// line. None for other events.
    pub fn remark_text(&self) -> Option<String> {
        match self {
            Self::CheckpointSaved {
                stage,
                key,
                bytes,
                duration_ms,
            } => Some(saved(stage, key, *bytes, *duration_ms)),
            Self::CheckpointUnusable { stage, reason } => Some(unusable(stage, reason)),
            Self::CheckpointBlamed { stage, key } => Some(blamed(stage, key)),
            Self::NotWatched {
                stage,
                watch,
                reason,
            } => Some(not_watched(stage, watch, reason)),
            Self::OldClock {
                stage,
                behind_ms,
                reason,
            } => Some(old_clock(stage, *behind_ms, reason)),
            Self::EvidenceLost { what, reason } => Some(evidence_lost(what, reason)),
            Self::RunStarted { .. }
            | Self::ScenarioStarted { .. }
            | Self::MachineStarted { .. }
            | Self::StageStarted { .. }
            | Self::StepStarted { .. }
            | Self::StepFinished { .. }
            | Self::Machine { .. }
            | Self::Note { .. }
            | Self::Input { .. }
            | Self::Shot { .. }
            | Self::FilmThinned { .. }
            | Self::Compared { .. }
            | Self::Serial { .. }
            | Self::SoftFailure { .. }
            | Self::ScenarioFinished { .. }
            | Self::RunFinished { .. } => None,
        }
    }
}

impl Remark {
    /// Returns the remark, for people: one line.
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

impl MachineNews {
    /// Returns the event, for people: a lowercase fragment.
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
