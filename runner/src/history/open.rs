//! The history of a results folder: its database, opened, and the questions to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reports::Durations;

use super::cell::Cell;
use super::drift::NeedleRun;
use super::marker::Beginning;
use super::record::StepRecord;
use super::row::{CellRun, Standing};
use super::steps::{StepKey, StepTimes, UsualCell};
use super::store::{Check, Store};

/// The name of the database in the results folder.
const NAME: &str = "history.sqlite";

/// The steps of a cell are looked up in at most this many times as many runs as are wanted.
const RUNS_PER_WANTED: usize = 10;

/// How long an opened history waits for other processes, and how well it is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Of a command about the history.
    Command,
    /// Of a run that has ended and must not be delayed.
    EndOfRun,
}

impl Patience {
    fn time(self) -> Duration {
        match self {
            Self::Command => Duration::from_secs(5),
            Self::EndOfRun => Duration::from_millis(200),
        }
    }

    fn check(self) -> Check {
        match self {
            Self::Command => Check::Whole,
            Self::EndOfRun => Check::Version,
        }
    }
}

/// The history of the runs in a results folder.
#[derive(Debug)]
pub(crate) struct History {
    pub(super) store: Store,
    pub(super) results: PathBuf,
}

/// The history could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HistoryError {
    /// The database refused.
    #[error("the database of the history cannot be used")]
    Database(#[from] rusqlite::Error),
    /// The results folder could not be read.
    #[error("the results folder `{}` cannot be read", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The error.
        source: std::io::Error,
    },
}

impl History {
    /// Opens the history of a results folder, in its file.
    ///
    /// # Errors
    /// When the file cannot be used. `History::ask` uses memory then.
    pub(crate) fn open(results: &Path, patience: Patience) -> Result<Self, HistoryError> {
        // SQLite would refuse a link at any place of the path, but only one at the file itself is strange.
        let folder = |source| HistoryError::Folder {
            folder: results.to_owned(),
            source,
        };
        let real = results.canonicalize().map_err(folder)?;
        let store = Store::open(&Self::file(&real), patience.time(), patience.check())?;
        Ok(Self {
            store,
            results: results.to_owned(),
        })
    }

    /// Returns the file of the history of a results folder.
    pub(crate) fn file(results: &Path) -> PathBuf {
        results.join(NAME)
    }

    /// Makes an empty history in memory.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub(crate) fn in_memory(results: &Path) -> Result<Self, HistoryError> {
        Ok(Self {
            store: Store::in_memory()?,
            results: results.to_owned(),
        })
    }

    /// Returns the number of runs whose logs could be read.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn run_count(&self) -> Result<usize, HistoryError> {
        Ok(self.store.run_count()?)
    }

    /// Returns all results, by cell, of each cell the oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn cells(&self) -> Result<BTreeMap<Cell, Vec<CellRun>>, HistoryError> {
        Ok(self.store.results()?)
    }

    /// Returns the steps of a result, in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn steps(&self, result: &CellRun) -> Result<Vec<StepRecord>, HistoryError> {
        Ok(self.store.steps(result)?)
    }

    /// Returns the needles of results, by name, each with its runs in the order of the results.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn needles(
        &self,
        results: &[CellRun],
    ) -> Result<BTreeMap<String, Vec<NeedleRun>>, HistoryError> {
        Ok(self.store.needles(results)?)
    }

    /// Returns the names of all needles that looks have compared, and the tags that `gone` steps have looked for. The
    /// tags are written as in the event log: `a b or c`.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn used_needles(&self) -> Result<(Vec<String>, Vec<String>), HistoryError> {
        Ok((self.store.needle_names()?, self.store.gone_tags()?))
    }

    /// Returns the folder of the last good run of a cell: the newest run that began before the run `before`, and in
    /// which the cell passed or soft-failed. `before` is the name of a run's folder. It need not be taken in.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn last_good(
        &self,
        cell: &Cell,
        before: &str,
    ) -> Result<Option<PathBuf>, HistoryError> {
        let place = (self.began(before)?, before);
        let mut earlier = self
            .store
            .results_before(cell, place, usize::MAX)?
            .into_iter();
        let good = earlier.find(|run| run.standing() == Standing::Held);
        Ok(good.map(|run| self.folder_of(&run)))
    }

    /// Returns the results of a cell in the last runs that began before the run `before`, the newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn results_before(
        &self,
        cell: &Cell,
        before: &str,
        most: usize,
    ) -> Result<Vec<CellRun>, HistoryError> {
        let place = (self.began(before)?, before);
        Ok(self.store.results_before(cell, place, most)?)
    }

    /// Returns the folder of the run of a result.
    pub(crate) fn folder_of(&self, result: &CellRun) -> PathBuf {
        self.results.join(&result.run)
    }

    /// Returns the usual times of the steps of a cell: of each step, over the last `last` runs in which it passed. Only
    /// runs that began before the run `before` count, and no more than the last 10 · `last` of them.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn usual_step_times(
        &self,
        cell: &Cell,
        before: &str,
        last: usize,
    ) -> Result<BTreeMap<StepKey, StepTimes>, HistoryError> {
        let place = (self.began(before)?, before);
        let most = last.saturating_mul(RUNS_PER_WANTED);
        let earlier = self.store.results_before(cell, place, most)?;
        let passed = self.store.passed_steps(&earlier)?;
        Ok(StepTimes::of_passed(passed, last))
    }

    /// Returns the usual times of a cell, over its last `last` results.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn usual(&self, cell: &Cell, last: usize) -> Result<UsualCell, HistoryError> {
        let results = self.store.results_before(cell, (i64::MAX, ""), last)?;
        let passed = self.store.passed_steps(&results)?;
        let came_to_something = |run: &&CellRun| run.standing() != Standing::NoResult;
        let times = results.iter().filter(came_to_something);
        Ok(UsualCell {
            duration: Durations::of(times.map(|run| run.duration_ms))
                .map(|times| Duration::from_millis(times.median_ms)),
            steps: StepTimes::of_passed(passed, last),
        })
    }

    /// Returns when a run began. A run that goes on is not taken in, so its log is asked. All runs are earlier than one
    /// of which nothing is known.
    fn began(&self, run: &str) -> Result<i64, HistoryError> {
        if let Some(began) = self.store.began(run)? {
            return Ok(began);
        }
        let beginning = Beginning::of(&self.results.join(run));
        Ok(beginning.map_or(i64::MAX, |beginning| beginning.began))
    }

    /// Returns the names of all folders directly in the results folder, in order. Links are not among them, and folders
    /// whose names are not Unicode: no run has such a name.
    pub(super) fn folders(results: &Path) -> Result<Vec<String>, HistoryError> {
        let failed = |source| HistoryError::Folder {
            folder: results.to_owned(),
            source,
        };
        let entries = match fs::read_dir(results) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir())
                && let Ok(name) = entry.file_name().into_string()
            {
                folders.push(name);
            }
        }
        folders.sort();
        Ok(folders)
    }
}
