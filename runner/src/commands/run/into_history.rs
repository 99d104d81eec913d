//! Takes a run that has ended into the history, and finds the runs to compare it with.

use std::path::Path;

use reports::{Baselines, Run};

use crate::baselines::{has_failures, last_good};
use crate::failure::chain;
use crate::history::{History, Patience};
use crate::results::RunFolder;
use crate::talk::Talk;

/// Takes a run into the history of its results folder. Returns the last good run of each scenario that did not hold. If
/// the history cannot be used, it is only said: `qa history` reads the event log again, and `qa report` compares.
pub(super) fn take_into_history(
    results: &Path,
    folder: &RunFolder,
    run: &Run,
    talk: Talk,
) -> Baselines {
    let taken = History::open(results, Patience::EndOfRun).and_then(|mut history| {
        history.take_in_run(folder.name(), run)?;
        match has_failures(run) {
            true => last_good(&history, folder.path(), run),
            false => Ok(Baselines::default()),
        }
    });
    taken.unwrap_or_else(|error| {
        talk.say(&format!(
            "the run is not in the history yet, and `qa history` takes it in: {}",
            chain(&error)
        ));
        Baselines::default()
    })
}
