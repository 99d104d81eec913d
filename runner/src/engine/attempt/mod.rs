//! One attempt at a scenario: its variables, its known defects, and the machines that it runs on.

mod ending;
mod inspection;
mod keep;
mod left;
mod look;
mod origin;
mod resume;
mod save;
mod stages;
mod step;

use std::sync::Arc;

use needles::Needle;
use reports::Event;
use scenarios::Vars;

use crate::engine::bench::{Bench, Benches};
use crate::engine::shared::Engine;
use crate::plan::{Job, Stage, Trust};
use crate::recorder::Recorder;

pub(crate) use inspection::is_interactive;
pub(super) use left::{AttemptOptions, Ended, LeftRunning};
pub(super) use step::diagnostic_stop;

/// One attempt at a scenario. Each of its machines has a [`Bench`] of its own.
#[derive(Debug)]
pub(super) struct Attempt<'e> {
    pub(super) engine: &'e Engine,
    pub(super) job: &'e Job,
    /// The benches, one for each machine.
    pub(super) benches: Benches<'e>,
    /// The variables of the stage that runs.
    pub(super) vars: Vars,
    /// The needle that matched last; the condition `seen(tag)` asks for its tags.
    pub(super) last_seen: Option<Arc<Needle>>,
    /// Writes the events of this attempt.
    pub(super) recorder: Recorder,
    /// The checkpoints that it may use.
    pub(super) trust: Trust,
    /// The number of the attempt; the first one is 1.
    pub(super) number: u32,
    /// The name of the scenario whose stage runs.
    pub(super) stage: String,
    /// The names of the hopelessness rules that `watch:` of the stage's scenario switches off.
    pub(super) switched_off: Vec<String>,
    /// The known defects that were met, for people.
    pub(super) soft_failures: Vec<String>,
    /// True if the ends of shared stages are saved as checkpoints. False after a `pause`, because a person may have
    /// changed the machine; after a machine was lost while it was saved; and if the attempt tests a checkpoint.
    pub(super) saves: bool,
}

impl<'e> Attempt<'e> {
    /// Returns the bench that steps act on.
    pub(super) fn bench(&mut self) -> &mut Bench<'e> {
        self.benches.default_mut()
    }

    /// Records a known defect.
    pub(super) fn soft_failure(&mut self, reason: &str, ticket: Option<&str>) {
        self.soft_failures.push(match ticket {
            Some(ticket) => format!("{reason} ({ticket})"),
            None => reason.to_owned(),
        });
        self.recorder.record(Event::SoftFailure {
            reason: reason.to_owned(),
            ticket: ticket.map(str::to_owned),
        });
    }

    /// Takes the matched needles from the bench. The last one becomes the needle of `seen(tag)`. A workaround needle is
    /// recorded as a known defect.
    pub(super) fn take_matched(&mut self) {
        for needle in self.bench().take_matched() {
            if let Some(workaround) = needle.workaround() {
                let reason = workaround
                    .reason
                    .clone()
                    .unwrap_or_else(|| format!("workaround needle `{}` matched", needle.name()));
                // A `click` often matches the same needle as the `see` before it: one record is enough.
                if !self.soft_failures.contains(&reason) {
                    self.soft_failure(&reason, None);
                }
            }
            self.last_seen = Some(needle);
        }
    }

    /// Returns whether other scenarios start at the end of the stage and its checkpoint is still missing.
    pub(super) fn is_to_be_saved(&self, stage: &Stage) -> bool {
        stage.shared && self.saves && self.engine.checkpoints.lacks(stage, self.trust)
    }

    /// Returns whether the end of any stage from index `first` on must be saved.
    pub(super) fn will_save(&self, first: usize) -> bool {
        let stages = self.job.stages.get(first..).unwrap_or_default();
        stages.iter().any(|stage| self.is_to_be_saved(stage))
    }

    /// Records a remark.
    pub(super) fn note(&self, text: &str) {
        self.recorder.record(Event::Note {
            text: text.to_owned(),
        });
    }
}
