//! Findings: results of a run besides verdicts.

use super::state::{Fold, misrouted};
use crate::log::{Entry, Event};
use crate::run::judgement::blame;
use crate::run::scenario::Finding;

impl Fold {
    pub(super) fn finding_event(&mut self, entry: &Entry) {
        let place = self.scenario(&entry.envelope);
        let scenario = &mut self.run.scenarios[place];
        let finding = match &entry.event {
            Event::CheckpointBlamed { stage, key } => blame(&scenario.attempts, stage, key),
            Event::NotWatched {
                stage,
                watch,
                reason,
            } => Finding::NotWatched {
                stage: stage.clone(),
                watch: watch.clone(),
                reason: reason.clone(),
            },
            Event::OldClock {
                stage,
                behind_ms,
                reason,
            } => Finding::OldClock {
                stage: stage.clone(),
                behind_ms: *behind_ms,
                reason: reason.clone(),
            },
            Event::EvidenceLost { what, reason } => Finding::EvidenceLost {
                what: what.clone(),
                reason: reason.clone(),
            },
            other => return misrouted(other),
        };
        if !scenario
            .findings
            .iter()
            .any(|known| is_told(known, &finding))
        {
            scenario.findings.push(finding);
        }
    }
}

/// Returns true if another finding says the same already. Several attempts often find the same, and a full disk loses
/// all evidence that follows.
fn is_told(known: &Finding, new: &Finding) -> bool {
    match (known, new) {
        (
            Finding::NotWatched { stage, watch, .. },
            Finding::NotWatched {
                stage: new_stage,
                watch: new_watch,
                ..
            },
        ) => (stage, watch) == (new_stage, new_watch),
        (
            Finding::OldClock { stage, .. },
            Finding::OldClock {
                stage: new_stage, ..
            },
        ) => stage == new_stage,
        (Finding::EvidenceLost { .. }, Finding::EvidenceLost { .. }) => known == new,
        _ => false,
    }
}
