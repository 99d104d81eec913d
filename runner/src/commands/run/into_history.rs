//! Takes a run that has ended into the history.

use std::path::Path;

use reports::Run;

use crate::failure::chain;
use crate::history::{History, Patience};
use crate::talk::Talk;

/// Takes a run into the history of its results folder. If that fails, it is only said: `qa history` reads the event log
/// again.
pub(super) fn take_into_history(results: &Path, name: &str, run: &Run, talk: Talk) {
    let taken = History::open(results, Patience::EndOfRun)
        .and_then(|mut history| history.take_in_run(name, run));
    if let Err(error) = taken {
        talk.say(&format!(
            "the run is not in the history yet, and `qa history` takes it in: {}",
            chain(&error)
        ));
    }
}
