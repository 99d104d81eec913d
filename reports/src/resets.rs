//! Counts the restarts of a machine, by reason.

use crate::log::{MachineNews, ResetKind};
use crate::run::{Attempt, Remark, StageEntry};

impl ResetKind {
    /// Returns the event, for people: a lowercase fragment.
    pub fn text(self) -> &'static str {
        match self {
            Self::Guest => "the machine was reset by the guest",
            Self::Watchdog => "the machine was reset by its watchdog",
            Self::Panic => "the machine was reset by the guest after a panic",
            Self::Host => "the machine was reset by the host",
            Self::PowerCut => "the machine's power was cut",
            Self::Firmware => "the firmware reset the machine once more",
        }
    }

    /// Returns the words that follow a number of them: `2 by the guest`.
    pub fn by(self) -> &'static str {
        match self {
            Self::Guest => "by the guest",
            Self::Watchdog => "by the watchdog",
            Self::Panic => "after a panic",
            Self::Host => "by the host",
            Self::PowerCut => "by power cut",
            Self::Firmware => "by the firmware",
        }
    }
}

impl Attempt {
    /// Returns the reasons for which its machine started over, one for each time, in order. Resets by which a firmware
    /// answers another reset do not count.
    pub fn resets(&self) -> Vec<ResetKind> {
        let entries = self.stages.iter().flat_map(|stage| &stage.entries);
        let kind = |entry: &StageEntry| match entry {
            StageEntry::Remark {
                remark: Remark::Machine(MachineNews::Reset { kind, .. }),
                ..
            } => Some(*kind).filter(|kind| *kind != ResetKind::Firmware),
            StageEntry::Step(_) | StageEntry::Remark { .. } => None,
        };
        entries.filter_map(kind).collect()
    }

    /// Returns the number of restarts of its machine by reason, for people; none if it never restarted.
    pub fn resets_text(&self) -> Option<String> {
        let resets = self.resets();
        let mut kinds = resets.clone();
        kinds.sort_unstable();
        kinds.dedup();
        let count = |kind: ResetKind| resets.iter().filter(|other| **other == kind).count();
        let noun = if resets.len() == 1 { "reset" } else { "resets" };
        match kinds.as_slice() {
            [] => None,
            [only] => Some(format!("{} {noun} {}", resets.len(), only.by())),
            several => {
                let shares: Vec<String> = several
                    .iter()
                    .map(|kind| format!("{} {}", count(*kind), kind.by()))
                    .collect();
                Some(format!("{} {noun}: {}", resets.len(), shares.join(", ")))
            }
        }
    }
}
