//! `qa history`: a table of all cells, and what stands out in them.

use std::path::Path;

use reports::{Verdict, human_duration};

use super::ask::{ask, say_empty};
use super::page::{Page, Table};
use super::shown::Shown;
use super::{needles, record};
use crate::cli::{Format, ShowHistory};
use crate::commands::context::Context;
use crate::commands::print::{print_json, print_painted};
use crate::failure::Failure;
use crate::history::{Cell, CellSummary, NotHeld, Standing};

/// Shows all cells of a results folder.
///
/// # Errors
/// When the results folder cannot be read.
pub(super) fn show(context: &Context, results: &Path, args: &ShowHistory) -> Result<(), Failure> {
    let last = usize::try_from(args.last.get()).unwrap_or(usize::MAX);
    let known = needles::of_project(context);
    let (cells, drifting, unused, runs) = ask(context, results, |history| {
        let cells = history.cells()?;
        let drifting = needles::drifting(history, &cells, last)?;
        let unused = needles::unused(history, &known)?;
        let shown: Vec<Shown> = cells
            .into_iter()
            .filter_map(|(cell, runs)| {
                let summary = CellSummary::of(&runs, last)?;
                Some(Shown { cell, summary })
            })
            .collect();
        Ok((shown, drifting, unused, history.run_count()?))
    })?;
    if cells.is_empty() {
        say_empty(context, results);
        return Ok(());
    }
    match args.format {
        Format::Json => {
            let cells = cells.iter().map(record::cell);
            let drifting = drifting.iter().map(record::drifting);
            let unused = unused.iter().map(|needle| record::unused(needle, runs));
            cells
                .chain(drifting)
                .chain(unused)
                .try_for_each(|line| print_json(&line))
        }
        Format::Text => {
            let colour = context.colour_on_stdout();
            let mut page = Page::new(colour);
            table(&mut page, &cells);
            do_not_hold(&mut page, &cells);
            needles::show(&mut page, &drifting, &unused, runs);
            print_painted(&page.text(), colour)
        }
    }
}

fn table(page: &mut Page, cells: &[Shown]) {
    let columns = ["NEWEST", "HELD", "FLAKY", "ERROR", "TIME", "USUAL"];
    let mut table = Table::new("CELL", columns);
    for Shown { cell, summary } in cells {
        let newest = &summary.newest;
        let time = |ms: u64| match ms {
            0 => "-".to_owned(),
            ms => human_duration(ms),
        };
        let count = |count: usize| match count {
            0 => "-".to_owned(),
            count => count.to_string(),
        };
        let cells = [
            newest.verdict.word().to_owned(),
            format!("{}/{}", summary.count(Standing::Held), summary.judged()),
            count(summary.count(Standing::HeldInPart)),
            count(summary.count_of(Verdict::Error)),
            time(newest.duration_ms),
            summary.usual_ms.map_or_else(|| "-".to_owned(), time),
        ];
        table.row(cell.as_str(), newest.verdict, cells);
    }
    page.table(table, |_, _| {});
}

fn do_not_hold(page: &mut Page, cells: &[Shown]) {
    let bad: Vec<(&Cell, &CellSummary, &NotHeld)> = cells
        .iter()
        .filter_map(|shown| {
            let not_held = shown.summary.not_held.as_ref()?;
            Some((&shown.cell, &shown.summary, not_held))
        })
        .collect();
    if bad.is_empty() {
        return;
    }
    page.heading("cells that do not hold");
    for (cell, summary, not_held) in bad {
        page.paragraph(2, cell.as_str());
        page.paragraph(4, &since(not_held));
        if let Some(cause) = &summary.newest.cause {
            page.paragraph(4, &format!("{}: {}", summary.newest.verdict, cause.line));
        }
    }
}

/// Returns since when a cell does not hold, in words.
pub(super) fn since(not_held: &NotHeld) -> String {
    let runs = match not_held.runs {
        1 => "1 run".to_owned(),
        runs => format!("{runs} runs"),
    };
    let (run, verdict) = (&not_held.since.run, not_held.since.verdict);
    let since = format!("since {run} ({verdict}), {runs}");
    match &not_held.last_held {
        Some(last) => format!("{since}; it held last in {}", last.run),
        None => format!("{since}; it never held"),
    }
}
