//! Runs one step of an attempt and records its events and its evidence.

use tokio::time::Instant;

use reports::{CauseKind, Event, Evidence, StepOutcome};
use scenarios::{Diagnostic, PlannedStep};

use super::Attempt;
use crate::engine::stop::Stop;
use crate::millis::millis;

impl Attempt<'_> {
    /// Runs a step, unless its `when` does not apply, and records its start, its evidence and its end.
    pub(super) async fn step(&mut self, planned: &PlannedStep) -> Result<(), Stop> {
        let began = Instant::now();
        self.note_step_reached(planned);
        let step = planned.id.to_string();
        let place = planned.at().to_string();
        let here = format!("{} step {step}", self.stage);
        let bench = self.bench();
        bench.at_step.clone_from(&step);
        // The events of a step are about the machine that it acts on.
        let recorder = bench.recorder.clone();
        let applies = {
            let last_seen = self.last_seen.clone();
            let seen =
                move |tag: &str| last_seen.as_ref().is_some_and(|needle| needle.has_tag(tag));
            planned.applies(&self.vars, &seen)
        };
        let rendered = match applies {
            Ok(true) => planned.render(&self.vars).map(Some),
            Ok(false) => Ok(None),
            Err(diagnostic) => Err(diagnostic),
        };
        let deadline = match &rendered {
            Ok(Some(rendered)) => self.deadline(rendered),
            Ok(None) | Err(_) => None,
        };
        recorder.record(Event::StepStarted {
            stage: self.stage.clone(),
            step: step.clone(),
            verb: planned.at().text().trim_end_matches(':').to_owned(),
            text: match &rendered {
                Ok(Some(rendered)) => rendered.line.clone(),
                Ok(None) | Err(_) => planned.written_line(),
            },
            place: place.clone(),
            deadline_ms: deadline.map(millis),
        });
        let (outcome, evidence, result) = match rendered {
            Ok(None) => (StepOutcome::Skipped, Evidence::default(), Ok(())),
            Err(diagnostic) => {
                let stop = diagnostic_stop(&diagnostic).at(&here, &place);
                let (evidence, stop) = self.bench().evidence_of(stop).await;
                (stop.outcome(), evidence, Err(stop))
            }
            Ok(Some(rendered)) => match self
                .perform(&rendered, planned, deadline)
                .await
                .into_result()
            {
                Ok(held) => {
                    let (evidence, result) = self.bench().evidence(held).await;
                    let outcome = result
                        .as_ref()
                        .map_or(StepOutcome::Error, |()| StepOutcome::Passed);
                    (outcome, evidence, result)
                }
                Err(stop) => {
                    let stop = self.bench().with_crash(stop).at(&here, &place);
                    let (evidence, stop) = self.bench().evidence_of(stop).await;
                    (stop.outcome(), evidence, Err(stop))
                }
            },
        };
        self.bench().record_screen_change();
        recorder.record(Event::StepFinished {
            stage: self.stage.clone(),
            step,
            outcome,
            duration_ms: millis(began.elapsed()),
            evidence,
        });
        result
    }
}

/// Returns the error for a step that cannot run as it is written.
pub(in crate::engine) fn diagnostic_stop(diagnostic: &Diagnostic) -> Stop {
    let stop = Stop::error(CauseKind::Scenario, diagnostic.message.clone());
    match &diagnostic.help {
        Some(help) => stop.hint(help.clone()),
        None => stop,
    }
}
