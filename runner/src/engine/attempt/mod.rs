//! One try of a scenario: its variables, its known defects, and the machines that it runs on.

mod ending;
mod go_on;
mod inspection;
mod keep;
mod left;
mod origin;
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
pub(super) use left::{Ended, LeftRunning, Try};
pub(super) use step::diagnostic_stop;

/// One try of a scenario. What belongs to one of its machines is in a [`Bench`].
#[derive(Debug)]
pub(super) struct Attempt<'e> {
    pub(super) engine: &'e Engine,
    pub(super) job: &'e Job,
    /// The machines.
    pub(super) benches: Benches<'e>,
    pub(super) vars: Vars,
    /// The needle that matched last: what `seen(tag)` asks.
    pub(super) last_seen: Option<Arc<Needle>>,
    /// Its events go to the log with its number.
    pub(super) recorder: Recorder,
    /// Which checkpoints it may use.
    pub(super) trust: Trust,
    pub(super) number: u32,
    pub(super) stage: String,
    /// The rules of hopelessness that `watch:` of the stage's scenario switches off.
    pub(super) switched_off: Vec<String>,
    pub(super) soft_failures: Vec<String>,
    /// True if ends of stages are saved: not once a person may have changed the machine, nor once saving has cost one,
    /// nor where a checkpoint is on trial.
    pub(super) saves: bool,
}

impl<'e> Attempt<'e> {
    /// Returns the bench that steps act on.
    pub(super) fn bench(&mut self) -> &mut Bench<'e> {
        self.benches.default_mut()
    }

    /// Notes a known defect.
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

    /// Takes over which needles steps went on with: the last one is what `seen(tag)` asks, and a workaround for a
    /// known defect is told.
    pub(super) fn take_matched(&mut self) {
        for needle in self.bench().take_matched() {
            if let Some(workaround) = needle.workaround() {
                let reason = workaround
                    .reason
                    .clone()
                    .unwrap_or_else(|| format!("workaround needle `{}` matched", needle.name()));
                // A click finds what a look has found before it.
                if !self.soft_failures.contains(&reason) {
                    self.soft_failure(&reason, None);
                }
            }
            self.last_seen = Some(needle);
        }
    }

    /// Returns true if others start at the end of the stage and cannot do so yet.
    pub(super) fn is_to_be_saved(&self, stage: &Stage) -> bool {
        stage.shared && self.saves && self.engine.checkpoints.lacks(stage, self.trust)
    }

    /// Returns true if the end of a stage from `first` on is to be saved.
    pub(super) fn will_save(&self, first: usize) -> bool {
        let stages = self.job.stages.get(first..).unwrap_or_default();
        stages.iter().any(|stage| self.is_to_be_saved(stage))
    }

    /// Writes a remark into the log.
    pub(super) fn note(&self, text: &str) {
        self.recorder.record(Event::Note {
            text: text.to_owned(),
        });
    }
}
