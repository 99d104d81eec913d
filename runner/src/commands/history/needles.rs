//! Needles in the history: those that drift towards their level, and those that no run has used.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::page::Page;
use super::record::rounded;
use super::shown::{Drifting, Unused};
use crate::commands::context::Context;
use crate::history::{Cell, CellRun, DRIFT_RECENT, Drift, History, HistoryError};
use crate::project::shown_from_here;

/// The most needles without use that a page names.
const MOST_NAMED: usize = 20;

/// A needle of the project.
#[derive(Debug)]
pub(super) struct Known {
    name: String,
    file: String,
    tags: Vec<String>,
}

/// Returns the needles that drift in the last runs of each cell.
///
/// # Errors
/// When the database refuses.
pub(super) fn drifting(
    history: &History,
    cells: &BTreeMap<Cell, Vec<CellRun>>,
    last: usize,
) -> Result<Vec<Drifting>, HistoryError> {
    let mut drifting = Vec::new();
    for (cell, runs) in cells {
        let newest_first: Vec<CellRun> = runs.iter().rev().take(last).cloned().collect();
        for (needle, runs) in history.needles(&newest_first)? {
            if let Some(drift) = Drift::of(&runs) {
                let cell = cell.clone();
                drifting.push(Drifting {
                    needle,
                    cell,
                    drift,
                });
            }
        }
    }
    Ok(drifting)
}

/// Returns the needles of the project; none without a project, and if its file has errors, which other commands report.
pub(super) fn of_project(context: &Context) -> Vec<Known> {
    let Ok(project) = context.load_project() else {
        return Vec::new();
    };
    let store = project.needles();
    let known = store.known().map(|known| Known {
        name: known.name.to_owned(),
        file: shown_from_here(known.path),
        tags: known.tags.to_vec(),
    });
    known.collect()
}

/// Returns the needles that no look of any run has used. The event log does not name the needles of a `gone` step, so
/// all needles with its tags count as used.
///
/// # Errors
/// When the database refuses.
pub(super) fn unused(history: &History, known: &[Known]) -> Result<Vec<Unused>, HistoryError> {
    let (compared, gone) = history.used_needles()?;
    let compared: BTreeSet<&str> = compared.iter().map(String::as_str).collect();
    let alternatives = gone.iter().flat_map(|tags| tags.split(" or "));
    let gone: Vec<Vec<&str>> = alternatives
        .map(|tags| tags.split_whitespace().collect())
        .collect();
    let is_unused = |known: &&Known| {
        !compared.contains(known.name.as_str()) && !needles::is_asked_for(&known.tags, &gone)
    };
    let unused = known.iter().filter(is_unused).map(|known| Unused {
        name: known.name.clone(),
        file: known.file.clone(),
    });
    Ok(unused.collect())
}

/// Adds the sections about needles to a page.
pub(super) fn show(page: &mut Page, drifting: &[Drifting], unused: &[Unused], runs: usize) {
    if !drifting.is_empty() {
        page.heading("needles that drift towards their level");
    }
    for found in drifting {
        page.paragraph(2, &found.needle);
        page.paragraph(4, &format!("on {}: {}", found.cell, words(found.drift)));
    }
    if unused.is_empty() {
        return;
    }
    let over = match runs {
        1 => "1 run".to_owned(),
        runs => format!("{runs} runs"),
    };
    page.heading(&format!("needles that no look has used in {over}"));
    let named: Vec<&str> = unused
        .iter()
        .take(MOST_NAMED)
        .map(|unused| unused.name.as_str())
        .collect();
    page.paragraph(2, &named.join(", "));
    if unused.len() > MOST_NAMED {
        let more = unused.len() - MOST_NAMED;
        page.paragraph(2, &format!("and {more} more: --format json shows all"));
    }
}

/// Returns a drift in words.
pub(super) fn words(drift: Drift) -> String {
    format!(
        "{:.3} over the level in the newest {DRIFT_RECENT} runs, {:.3} before",
        rounded(drift.recent),
        rounded(drift.before)
    )
}
