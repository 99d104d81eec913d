//! Asks the history of the results folder that a call names.

use std::path::{Path, PathBuf};

use crate::commands::context::Context;
use crate::failure::{Failure, chain};
use crate::history::{History, HistoryError};
use crate::results::results_folder;

/// Returns the results folder of a call. A project file with errors does not matter here.
pub(super) fn results(context: &Context, named: Option<&Path>) -> PathBuf {
    results_folder(&context.root_or_here(), named)
}

/// Asks the history of a results folder, and says which logs are left out.
///
/// # Errors
/// When the results folder cannot be read.
pub(super) fn ask<T>(
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
pub(super) fn say_empty(context: &Context, results: &Path) {
    context.say(&format!("no runs in {}", results.display()));
}
