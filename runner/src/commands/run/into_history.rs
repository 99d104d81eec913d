//! Takes a run that has ended into the history, and finds what earlier runs tell of it.

use std::path::Path;

use reports::{Earlier, Run};

use crate::earlier_runs::earlier;
use crate::failure::chain;
use crate::history::{History, Patience};
use crate::results::RunFolder;
use crate::talk::Talk;

/// Takes a run into the history of its results folder. Returns what earlier runs tell of its scenarios. If the history
/// cannot be used, it is only said: `qa history` reads the event log again, and so does `qa report`.
pub(super) fn take_into_history(
    results: &Path,
    folder: &RunFolder,
    run: &Run,
    talk: Talk,
) -> Earlier {
    let taken = History::open(results, Patience::EndOfRun).and_then(|mut history| {
        history.take_in_run(folder.name(), run)?;
        earlier(&history, folder.path(), run)
    });
    taken.unwrap_or_else(|error| {
        talk.say(&format!(
            "the run is not in the history yet, and `qa history` takes it in: {}",
            chain(&error)
        ));
        Earlier::default()
    })
}
