//! From entries to a [`Run`], one at a time.

mod ends;
mod film;
mod findings;
mod remarks;
mod scenarios;
mod state;
mod steps;

use super::judgement::{interrupt, judge};
use super::model::{Run, RunEnd};
use crate::log::{Entry, Event, ExitStatus};
pub use state::Fold;

/// The reason why the last entry of a run is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenEnd {
    /// The log was cut short: what has not ended is an error.
    CutShort,
    /// The run goes on: what has not ended is `skipped` so far, as nothing is known of it.
    GoesOn,
    /// All attempts have ended. Only the entry about the end of the run is missing; it needs this judgement.
    Ending,
}

impl Run {
    /// Puts a run together from all entries of its log.
    pub fn of(entries: &[Entry]) -> Self {
        fold(entries).into_run(OpenEnd::CutShort)
    }

    /// Puts a run together that goes on, from its entries so far.
    pub fn so_far(entries: &[Entry]) -> Self {
        fold(entries).into_run(OpenEnd::GoesOn)
    }
}

fn fold(entries: &[Entry]) -> Fold {
    let mut fold = Fold::default();
    for entry in entries {
        fold.take(entry);
    }
    fold
}

impl Fold {
    /// Takes the next entry in.
    pub fn take(&mut self, entry: &Entry) {
        self.last_ms = self.last_ms.max(entry.envelope.at_ms);
        match &entry.event {
            Event::RunStarted { .. } => self.run_started(&entry.event),
            Event::RunFinished {
                exit,
                duration_ms,
                scenarios,
            } => self.ends.add(*exit, *duration_ms, scenarios.as_deref()),
            Event::ScenarioStarted { .. }
            | Event::MachineStarted { .. }
            | Event::StageStarted { .. }
            | Event::ScenarioFinished { .. } => self.attempt_event(entry),
            Event::StepStarted { .. } | Event::StepFinished { .. } => self.step_event(entry),
            Event::Machine { .. }
            | Event::Note { .. }
            | Event::SoftFailure { .. }
            | Event::CheckpointSaved { .. }
            | Event::CheckpointUnusable { .. } => self.remark_event(entry),
            Event::CheckpointBlamed { .. }
            | Event::NotWatched { .. }
            | Event::OldClock { .. }
            | Event::EvidenceLost { .. } => self.finding_event(entry),
            Event::Shot { .. }
            | Event::FilmThinned { .. }
            | Event::Input { .. }
            | Event::Compared { .. }
            | Event::Serial { .. } => self.film_event(entry),
        }
    }

    /// Returns the run as it stands. The fold can take more entries afterwards.
    pub fn run(&self, end: OpenEnd) -> Run {
        self.clone().into_run(end)
    }

    /// Returns the run as it stands, without a copy of it.
    pub fn into_run(mut self, end: OpenEnd) -> Run {
        self.place_early_remarks();
        let last_ms = self.last_ms;
        let open = match end {
            OpenEnd::CutShort => RunEnd::CutShort { last_ms },
            OpenEnd::GoesOn => RunEnd::Running { last_ms },
            OpenEnd::Ending => RunEnd::Finished {
                exit: ExitStatus::Success,
                duration_ms: last_ms,
            },
        };
        let names = self.run.scenarios.iter().map(|of| of.info.name.as_str());
        self.run.end = self.ends.of_all(names).unwrap_or(open);
        let rules = self.run.rules;
        for scenario in &mut self.run.scenarios {
            let end = self.ends.of(&scenario.info.name).unwrap_or(open);
            for attempt in &mut scenario.attempts {
                if !attempt.is_whole {
                    interrupt(attempt, end, self.last_ms);
                }
            }
            judge(scenario, end, rules);
        }
        self.run
    }
}
