//! Steps: which are under way, which belong to a group, and which a group excuses.

use super::state::{AttemptPlace, Fold, StepPlace, misrouted};
use crate::log::{Entry, Event, Evidence, StepOutcome};
use crate::run::attempt::{StageEntry, Step};

impl Fold {
    pub(super) fn step_event(&mut self, entry: &Entry) {
        match &entry.event {
            Event::StepStarted {
                stage,
                step,
                verb,
                text,
                place,
                deadline_ms,
            } => {
                let begun = Step {
                    id: step.clone(),
                    machine: entry.envelope.machine.clone(),
                    depth: 0,
                    verb: verb.clone(),
                    text: text.clone(),
                    place: place.clone(),
                    deadline_ms: *deadline_ms,
                    started_ms: entry.envelope.at_ms,
                    outcome: None,
                    duration_ms: 0,
                    evidence: Evidence::default(),
                    is_group: false,
                };
                let attempt = self.attempt(&entry.envelope);
                self.begin_step(attempt, stage, begun);
            }
            Event::StepFinished {
                stage: _,
                step,
                outcome,
                duration_ms,
                evidence,
            } => {
                let attempt = self.attempt(&entry.envelope);
                self.end_step(attempt, step, *outcome, *duration_ms, evidence);
            }
            other => misrouted(other),
        }
    }

    /// Returns the steps of an attempt that have not ended, outermost first.
    pub(super) fn open_steps(&mut self, at: AttemptPlace) -> &mut Vec<StepPlace> {
        &mut self.scenarios[at.scenario].open[at.attempt]
    }

    fn begin_step(&mut self, at: AttemptPlace, stage: &str, mut step: Step) {
        // Steps of one stage run one after the other, so a step that begins while another runs belongs to it.
        step.depth = self.open_steps(at).len();
        let parent = self.open_steps(at).last().copied();
        let (stage, entries) = {
            let (place, stage) = self.stage(at, stage);
            (place, &mut stage.entries)
        };
        let entry = entries.len();
        entries.push(StageEntry::Step(Box::new(step)));
        if let Some(parent) = parent.and_then(|parent| self.step_at(at, parent)) {
            parent.is_group = true;
        }
        self.open_steps(at).push(StepPlace { stage, entry });
    }

    fn step_at(&mut self, at: AttemptPlace, place: StepPlace) -> Option<&mut Step> {
        let stage = self.attempt_at(at).stages.get_mut(place.stage)?;
        match stage.entries.get_mut(place.entry)? {
            StageEntry::Step(step) => Some(step),
            StageEntry::Remark { .. } => None,
        }
    }

    fn end_step(
        &mut self,
        at: AttemptPlace,
        id: &str,
        outcome: StepOutcome,
        duration_ms: u64,
        evidence: &Evidence,
    ) {
        while let Some(place) = self.open_steps(at).pop() {
            let Some(step) = self.step_at(at, place) else {
                continue;
            };
            if step.id != id {
                continue; // Its end is lost; the one that ends now is outside of it.
            }
            step.outcome = Some(outcome);
            step.duration_ms = duration_ms;
            if !step.is_group {
                step.evidence = evidence.clone();
            } else if outcome == StepOutcome::Passed {
                self.forgive(at, place);
            }
            return;
        }
    }

    /// Forgives the steps that did not hold in a group that held: a retry held, or it is optional.
    fn forgive(&mut self, at: AttemptPlace, group: StepPlace) {
        let Some(stage) = self.attempt_at(at).stages.get_mut(group.stage) else {
            return;
        };
        for entry in stage.entries.iter_mut().skip(group.entry + 1) {
            if let StageEntry::Step(step) = entry
                && step.outcome == Some(StepOutcome::Failed)
            {
                step.outcome = Some(StepOutcome::Forgiven);
            }
        }
    }
}
