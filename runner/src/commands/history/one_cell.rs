//! `qa history CELL`: each run of a cell, and what changed in it.

use std::path::{Path, PathBuf};

use reports::human_duration;

use super::ask::{ask, say_empty};
use super::cells::since;
use super::named::named;
use super::needles::words;
use super::page::{Page, Table};
use super::record;
use super::shown::{Shown, ShownNeedle, ShownRun};
use crate::cli::{Format, ShowHistory};
use crate::commands::context::Context;
use crate::commands::print::{print_json, print_painted};
use crate::failure::Failure;
use crate::history::{
    Cell, CellRun, CellSummary, ChangedStep, Drift, History, HistoryError, NeedleRun, Origin,
    Standing, changed_steps,
};
use crate::project::shown_from_here;

/// A cell with its last runs.
#[derive(Debug)]
struct Whole {
    shown: Shown,
    /// The last runs, the newest first.
    runs: Vec<ShownRun>,
    needles: Vec<ShownNeedle>,
    /// The folder of the last run that held before the first one that did not.
    last_good: Option<PathBuf>,
}

/// Shows the runs of a cell.
///
/// # Errors
/// When the results folder cannot be read, and when no cell or several cells have this name.
pub(super) fn show(
    context: &Context,
    results: &Path,
    typed: &str,
    args: &ShowHistory,
) -> Result<(), Failure> {
    let last = usize::try_from(args.last.get()).unwrap_or(usize::MAX);
    let whole = ask(context, results, |history| {
        let cells = history.cells()?;
        if cells.is_empty() {
            return Ok(None);
        }
        let cell = match named(typed, cells.keys()) {
            Ok(cell) => cell,
            Err(failure) => return Ok(Some(Err(failure))),
        };
        let runs = cells.get(cell).map(Vec::as_slice).unwrap_or_default();
        Ok(Whole::of(history, cell, runs, last)?.map(Ok))
    })?;
    let Some(whole) = whole else {
        say_empty(context, results);
        return Ok(());
    };
    let whole = whole?;
    match args.format {
        Format::Json => std::iter::once(record::cell(&whole.shown))
            .chain(whole.runs.iter().map(record::run))
            .chain(whole.needles.iter().map(record::needle))
            .try_for_each(|line| print_json(&line)),
        Format::Text => {
            let colour = context.colour_on_stdout();
            let mut page = Page::new(colour);
            whole.show(&mut page);
            print_painted(&page.text(), colour)
        }
    }
}

impl Whole {
    /// Puts a cell together; none if it has no run.
    fn of(
        history: &History,
        cell: &Cell,
        oldest_first: &[CellRun],
        last: usize,
    ) -> Result<Option<Self>, HistoryError> {
        let Some(summary) = CellSummary::of(oldest_first, last) else {
            return Ok(None);
        };
        let newest_first: Vec<CellRun> = oldest_first.iter().rev().take(last).cloned().collect();
        let needles = history.needles(&newest_first)?;
        let last_good = match &summary.not_held {
            Some(not_held) => history.last_good(cell, &not_held.since.run)?,
            None => None,
        };
        let mut runs = Vec::new();
        for result in newest_first {
            let usual = history.usual_step_times(cell, &result.run, last)?;
            let changed = changed_steps(history.steps(&result)?, &usual);
            runs.push(ShownRun { result, changed });
        }
        let cell = cell.clone();
        Ok(Some(Self {
            shown: Shown { cell, summary },
            runs,
            needles: needles
                .iter()
                .map(|(name, runs)| ShownNeedle::of(name, runs))
                .collect(),
            last_good,
        }))
    }

    fn show(&self, page: &mut Page) {
        let Shown { cell, summary } = &self.shown;
        page.heading(cell.as_str());
        let flaky = summary.count(Standing::HeldInPart);
        page.paragraph(
            2,
            &format!(
                "{} of {} judged runs held, {flaky} flaky, in the last {}",
                summary.count(Standing::Held),
                summary.judged(),
                summary.runs,
            ),
        );
        if let Some(not_held) = &summary.not_held {
            page.paragraph(2, &format!("it does not hold {}", since(not_held)));
        }
        if let Some(folder) = &self.last_good {
            page.paragraph(
                2,
                &format!("the last good run: {}", shown_from_here(folder)),
            );
        }
        page.heading("runs");
        let mut table = Table::new("RUN", ["VERDICT", "TIME", "BEGINS"]);
        for run in &self.runs {
            let result = &run.result;
            let begins = match &result.origin {
                Some(Origin::PowerOn) => "at power-on".to_owned(),
                Some(Origin::Continued(scenario) | Origin::Checkpoint(scenario)) => {
                    format!("after {scenario}")
                }
                None => "-".to_owned(),
            };
            let cells = [
                result.verdict.word().to_owned(),
                human_duration(result.duration_ms),
                begins,
            ];
            table.row(&result.run, result.verdict, cells);
        }
        page.table(table, |page, place| self.about_run(page, place));
        self.about_needles(page);
    }

    /// Adds the lines below a run: its cause, and its differences from the runs before it.
    fn about_run(&self, page: &mut Page, place: usize) {
        let Some(run) = self.runs.get(place) else {
            return;
        };
        if let Some(cause) = &run.result.cause {
            page.paragraph(4, &cause.line);
        }
        if run.result.attempts > 1 {
            page.paragraph(4, &format!("{} attempts", run.result.attempts));
        }
        let before = self.runs.get(place + 1).map(|run| &run.result);
        let digest = run.result.image_digest.as_ref();
        let digest_before = before.and_then(|before| before.image_digest.as_ref());
        if digest
            .zip(digest_before)
            .is_some_and(|(now, before)| now != before)
        {
            page.paragraph(4, "the image is not that of the run before");
        }
        for ChangedStep { step, usual } in &run.changed {
            page.paragraph(
                4,
                &format!(
                    "{} step {} took {}, usually {}: {}",
                    step.stage,
                    step.id,
                    human_duration(step.duration_ms),
                    human_duration(usual.durations.median_ms),
                    step.text,
                ),
            );
        }
    }

    fn about_needles(&self, page: &mut Page) {
        let stands_out = |needle: &&ShownNeedle| needle.drift.is_some() || needle.missed > 0;
        let needles: Vec<&ShownNeedle> = self.needles.iter().filter(stands_out).collect();
        if needles.is_empty() {
            return;
        }
        page.heading("needles that drift or were missed");
        for needle in needles {
            page.paragraph(2, &needle.name);
            let counts = format!("matched: {}, missed: {}", needle.matched, needle.missed);
            page.paragraph(4, &counts);
            if let Some(drift) = needle.drift {
                page.paragraph(4, &words(drift));
            }
        }
    }
}

impl ShownNeedle {
    fn of(name: &str, newest_first: &[NeedleRun]) -> Self {
        let sum = |count: fn(&NeedleRun) -> u64| {
            let counts = newest_first.iter().map(count);
            counts.fold(0_u64, u64::saturating_add)
        };
        Self {
            name: name.to_owned(),
            matched: sum(|run| run.matched),
            missed: sum(|run| run.missed),
            reserve: newest_first.iter().find_map(|run| run.reserve),
            drift: Drift::of(newest_first),
        }
    }
}
