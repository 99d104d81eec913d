//! Takes runs into the history: all that a results folder has, or one that has just ended.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use reports::Run;

use super::marker::{Beginning, Stamp, log_of};
use super::open::{History, HistoryError};
use super::record::RunRecord;
use super::store::Taken;
use crate::results::goes_on;

/// The number of runs that are written at once. Others can use the database in between.
const AT_ONCE: usize = 16;

/// The result of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TakenIn {
    /// The number of logs that were read.
    pub read: usize,
    /// The logs that cannot be read. A damaged log is told by the first scan that meets it.
    pub unread: Vec<UnreadLog>,
}

/// A log that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreadLog {
    /// The name of the run's folder.
    pub run: String,
    /// The reason: a lowercase fragment.
    pub why: String,
}

/// A run in the results folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunHere {
    /// The name of its folder.
    pub name: String,
    /// Its beginning.
    pub beginning: Beginning,
    /// True if it goes on.
    pub goes_on: bool,
}

/// Returns the runs in a results folder, the oldest first: folders whose event log begins as that of a run.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn runs_in(results: &Path) -> Result<Vec<RunHere>, HistoryError> {
    let mut runs = Vec::new();
    for name in History::folders(results)? {
        let folder = results.join(&name);
        if let Some(beginning) = Beginning::of(&folder) {
            runs.push(RunHere {
                beginning,
                goes_on: goes_on(&folder),
                name,
            });
        }
    }
    runs.sort_by(|a, b| {
        let place = |run: &RunHere| run.beginning.began;
        (place(a), &a.name).cmp(&(place(b), &b.name))
    });
    Ok(runs)
}

impl History {
    /// Takes in all runs that have ended and are new or have changed, and forgets those whose folders are gone.
    ///
    /// # Errors
    /// When the results folder cannot be read, or the database refuses.
    pub(crate) fn take_in(&mut self) -> Result<TakenIn, HistoryError> {
        let known = self.store.stamps()?;
        let mut there = HashSet::new();
        let mut taken = TakenIn::default();
        let mut batch: Vec<(String, Stamp, Taken)> = Vec::new();
        for name in Self::folders(&self.results)? {
            let folder = self.results.join(&name);
            // The stamp is older than what is read: if the log changes in between, it is read again next time.
            let Some(stamp) = Stamp::of(&folder) else {
                continue;
            };
            if known.get(&name) == Some(&stamp) {
                there.insert(name);
                continue;
            }
            if goes_on(&folder) || Beginning::of(&folder).is_none() {
                continue;
            }
            let log = match fs::read(log_of(&folder)) {
                Ok(bytes) => read(&bytes),
                // This may change without a change of the log, so it is tried again each time.
                Err(error) => {
                    let why = format!("it cannot be read: {error}");
                    taken.unread.push(UnreadLog { run: name, why });
                    continue;
                }
            };
            taken.read += 1;
            if let Err(why) = &log {
                let (run, why) = (name.clone(), why.clone());
                taken.unread.push(UnreadLog { run, why });
            }
            there.insert(name.clone());
            batch.push((name, stamp, log));
            if batch.len() == AT_ONCE {
                self.store.put(&batch)?;
                batch.clear();
            }
        }
        if !batch.is_empty() {
            self.store.put(&batch)?;
        }
        // A run that another process took in meanwhile is not among the known ones.
        let gone = known.into_keys().filter(|name| !there.contains(name));
        self.store.forget(&gone.collect::<Vec<_>>())?;
        Ok(taken)
    }

    /// Takes in a run that has just ended. Its log must be complete.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn take_in_run(&mut self, name: &str, run: &Run) -> Result<(), HistoryError> {
        match Stamp::of(&self.results.join(name)) {
            Some(stamp) => {
                let run = (name.to_owned(), stamp, Ok(RunRecord::of(run)));
                Ok(self.store.put(&[run])?)
            }
            // Somebody has removed it.
            None => Ok(()),
        }
    }
}

fn read(bytes: &[u8]) -> Taken {
    match reports::read_log(bytes) {
        Ok(log) => Ok(RunRecord::of(&Run::of(&log.entries))),
        // The text of the error contains that of its source already.
        Err(error) => Err(error.to_string()),
    }
}
