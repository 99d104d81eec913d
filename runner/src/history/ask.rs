//! Asks the history, whatever state its file is in.

use std::path::Path;

use super::open::{History, HistoryError, Patience};
use super::scan::TakenIn;

/// The answer to a question about the history.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The answer itself.
    pub value: T,
    /// The runs that were taken in before.
    pub taken: TakenIn,
    /// The reason why the history was only kept in memory; none if its file was used.
    pub not_kept: Option<String>,
}

impl History {
    /// Takes in all runs of a results folder that are new, and asks a question. If the file of the history cannot be
    /// used, all logs are read into memory.
    ///
    /// # Errors
    /// When the results folder cannot be read, or there is no memory.
    pub(crate) fn ask<T>(
        results: &Path,
        question: impl Fn(&Self) -> Result<T, HistoryError>,
    ) -> Result<Answer<T>, HistoryError> {
        let ask = |history: Result<Self, HistoryError>| {
            let mut history = history?;
            let taken = history.take_in()?;
            let snapshot = history.store.snapshot()?;
            let value = question(&history)?;
            drop(snapshot);
            Ok((value, taken))
        };
        let in_file = match results.try_exists() {
            Ok(false) => Ok(ask(Self::in_memory(results))?),
            Ok(true) | Err(_) => ask(Self::open(results, Patience::Command)),
        };
        let (answer, not_kept) = match in_file {
            Ok(answer) => (answer, None),
            Err(HistoryError::Database(error)) => {
                (ask(Self::in_memory(results))?, Some(error.to_string()))
            }
            Err(error @ HistoryError::Folder { .. }) => return Err(error),
        };
        let (value, taken) = answer;
        Ok(Answer {
            value,
            taken,
            not_kept,
        })
    }
}
