//! From entries to a [`Run`], one at a time.

mod findings;
mod remarks;
mod scenarios;
mod steps;

use super::judgement::{interrupt, judge};
use super::model::{Run, RunEnd};
use crate::log::{Entry, Event, ExitStatus};
use remarks::Early;
use scenarios::Places;

/// The reason why the last entry of a run is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenEnd {
    /// The log was cut short: what has not ended is an error.
    CutShort,
    /// The run goes on: what has not ended is `skipped` so far, as nothing is known of it.
    GoesOn,
    /// All attempts have ended. Only the entry about the end of the run is to come, and it rests on this judgement.
    Ending,
}

/// Puts a run together from its entries, one at a time.
///
/// Entries of attempts that run side by side may come in any order, as long as those of each attempt are in order. Any
/// entries give a run: what is missing is judged `error`, never `passed`.
///
/// ```
/// use reports::{Fold, OpenEnd};
///
/// let mut fold = Fold::default();
/// let log = reports::read_log(b"").map(|log| log.entries).unwrap_or_default();
/// for entry in &log {
///     fold.take(entry);
///     println!("{} scenarios so far", fold.run(OpenEnd::GoesOn).scenarios.len());
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Fold {
    run: Run,
    /// One for each scenario of the run.
    scenarios: Vec<Bookkeeping>,
    places: Places,
    last_ms: u64,
    finished: bool,
}

/// State of a scenario that no report shows.
#[derive(Debug, Clone, Default)]
struct Bookkeeping {
    /// For each attempt, the places of the steps that have not ended, outermost first.
    open: Vec<Vec<StepPlace>>,
    /// The attempt that began last.
    latest: Option<usize>,
    /// Remarks that came before the stage that they belong to.
    early: Vec<Early>,
}

/// The place of a step in an attempt.
#[derive(Debug, Clone, Copy)]
struct StepPlace {
    stage: usize,
    entry: usize,
}

/// The place of an attempt in a run.
#[derive(Debug, Clone, Copy)]
struct AttemptPlace {
    scenario: usize,
    attempt: usize,
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
            Event::RunFinished { exit, duration_ms } => {
                self.finished = true;
                self.run.end = RunEnd::Finished {
                    exit: *exit,
                    duration_ms: *duration_ms,
                };
            }
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
            // For whoever reads the log: the step itself is in every report.
            Event::Input { .. } => {}
        }
    }

    /// Returns the run as it stands. The fold can take more entries afterwards.
    pub fn run(&self, end: OpenEnd) -> Run {
        self.clone().into_run(end)
    }

    /// Returns the run as it stands, without a copy of it.
    pub fn into_run(mut self, end: OpenEnd) -> Run {
        self.place_early_remarks();
        if !self.finished {
            let last_ms = self.last_ms;
            self.run.end = match end {
                OpenEnd::CutShort => RunEnd::CutShort { last_ms },
                OpenEnd::GoesOn => RunEnd::Running { last_ms },
                OpenEnd::Ending => RunEnd::Finished {
                    exit: ExitStatus::Success,
                    duration_ms: last_ms,
                },
            };
        }
        let (end, rules) = (self.run.end, self.run.rules);
        for scenario in &mut self.run.scenarios {
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

/// Notes that [`Fold::take`] gave an event to a part of the fold that knows nothing of it.
fn misrouted(event: &Event) {
    debug_assert!(false, "no part of the fold takes {event:?}");
}
