//! Events between and during steps.

use super::state::{AttemptPlace, Early, Fold, misrouted};
use crate::log::{Entry, Envelope, Event};
use crate::run::attempt::{Remark, SoftFailure, StageEntry};

impl Fold {
    pub(super) fn remark_event(&mut self, entry: &Entry) {
        let envelope = &entry.envelope;
        match &entry.event {
            Event::Machine { what } => self.remark(envelope, Remark::Machine(what.clone())),
            Event::Note { text } if envelope.scenario.is_none() => {
                self.run.notes.push(text.clone());
            }
            Event::Note { text } => self.remark(envelope, Remark::Note(text.clone())),
            Event::SoftFailure { reason, ticket } => {
                let defect = SoftFailure {
                    reason: reason.clone(),
                    ticket: ticket.clone(),
                };
                let place = self.attempt(envelope);
                self.attempt_at(place).soft_failures.push(defect.clone());
                self.remark(envelope, Remark::SoftFailure(defect));
            }
            Event::CheckpointSaved {
                stage,
                key,
                bytes,
                duration_ms,
            } => {
                let saved = Remark::CheckpointSaved {
                    stage: stage.clone(),
                    key: key.clone(),
                    bytes: *bytes,
                    duration_ms: *duration_ms,
                };
                self.remark(envelope, saved);
            }
            Event::CheckpointUnusable { stage, reason } => {
                let unusable = Remark::CheckpointUnusable {
                    stage: stage.clone(),
                    reason: reason.clone(),
                };
                self.early(envelope, unusable);
            }
            other => misrouted(other),
        }
    }

    /// Adds a remark to the attempt that it is about.
    pub(super) fn remark(&mut self, envelope: &Envelope, remark: Remark) {
        let place = self.attempt(envelope);
        self.remark_in(place, envelope, remark);
    }

    fn remark_in(&mut self, place: AttemptPlace, envelope: &Envelope, remark: Remark) {
        let depth = self.open_steps(place).len();
        let (_, stage) = self.stage(place, "");
        stage.entries.push(StageEntry::Remark {
            at_ms: envelope.at_ms,
            depth,
            machine: envelope.machine.clone(),
            remark,
        });
    }

    /// Takes a remark that may come before its attempt or its stage. Such a remark must not create one.
    fn early(&mut self, envelope: &Envelope, remark: Remark) {
        let known = self.known_attempt(envelope);
        let ended = known.is_some_and(|place| self.attempt_at(place).is_whole);
        let runs = known.filter(|place| !ended && !self.attempt_at(*place).stages.is_empty());
        if let Some(place) = runs {
            self.remark_in(place, envelope, remark);
            return;
        }
        let mut envelope = envelope.clone();
        if ended {
            envelope.attempt = None;
        }
        let scenario = self.scenario(&envelope);
        let early = &mut self.scenarios[scenario].early;
        early.push(Early { envelope, remark });
    }

    /// Puts the early remarks of an attempt into its stage that just began.
    pub(super) fn tell_early(&mut self, place: AttemptPlace) {
        let number = self.attempt_at(place).number;
        let early = &mut self.scenarios[place.scenario].early;
        let is_its = |early: &mut Early| early.envelope.attempt.is_none_or(|of| of == number);
        let told: Vec<Early> = early.extract_if(.., is_its).collect();
        for Early { envelope, remark } in told {
            self.remark_in(place, &envelope, remark);
        }
    }

    /// Puts early remarks whose stage never began into the last stage of the attempt. A scenario without an attempt
    /// drops them, because it must not look as if it had begun.
    pub(super) fn place_early_remarks(&mut self) {
        for scenario in 0..self.scenarios.len() {
            let attempts = &self.run.scenarios[scenario].attempts;
            let Some(last) = attempts.len().checked_sub(1) else {
                continue;
            };
            for Early { envelope, remark } in std::mem::take(&mut self.scenarios[scenario].early) {
                let place = match envelope.attempt {
                    Some(_) => self.known_attempt(&envelope),
                    None => None,
                };
                let attempt = AttemptPlace {
                    scenario,
                    attempt: last,
                };
                self.remark_in(place.unwrap_or(attempt), &envelope, remark);
            }
        }
    }
}
