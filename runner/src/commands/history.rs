//! `qa history`: what the cells came to, run after run.

mod cells;
mod named;
mod needles;
mod one_cell;
mod page;
mod prune;
mod record;

use std::path::{Path, PathBuf};

use reports::ExitStatus;

use crate::cli::{HistoryArgs, HistoryCommand, ShowHistory};
use crate::commands::context::Context;
use crate::failure::{Failure, chain};
use crate::history::{History, HistoryError};
use crate::results::results_folder;

/// Runs `qa history ...`.
///
/// # Errors
/// When the results folder cannot be read, or the cell that is named is not known.
pub(super) fn history(context: &Context, args: HistoryArgs) -> Result<ExitStatus, Failure> {
    match args.command {
        Some(HistoryCommand::Prune(args)) => prune::prune(context, &args),
        None => show(context, &args.show),
    }
}

fn show(context: &Context, args: &ShowHistory) -> Result<ExitStatus, Failure> {
    let results = results(context, args.results.as_deref());
    match &args.cell {
        None => cells::show(context, &results, args)?,
        Some(typed) => one_cell::show(context, &results, typed, args)?,
    }
    Ok(ExitStatus::Success)
}

/// Returns the results folder of a call. A project file with errors does not matter here.
fn results(context: &Context, named: Option<&Path>) -> PathBuf {
    results_folder(&context.root_or_here(), named)
}

/// Asks the history of a results folder, and says which logs are left out.
///
/// # Errors
/// When the results folder cannot be read.
fn ask<T>(
    context: &Context,
    results: &Path,
    question: impl Fn(&History) -> Result<T, HistoryError>,
) -> Result<T, Failure> {
    let answer = History::ask(results, question);
    let answer = answer.map_err(|error| Failure::error(chain(&error)))?;
    for log in &answer.taken.unread {
        context.say(&format!(
            "the run {} is left out of the history: {}",
            log.run, log.why
        ));
    }
    if let Some(why) = &answer.not_kept {
        context.say(&format!(
            "the history was made in memory, because `{}` cannot be used: {why}",
            History::file(results).display()
        ));
    }
    Ok(answer.value)
}

/// Says that there is no run.
fn say_empty(context: &Context, results: &Path) {
    context.say(&format!("no runs in {}", results.display()));
}
