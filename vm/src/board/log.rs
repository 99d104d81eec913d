//! `board.log`: what was done with a board, and what its sources said.

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use super::{BoardFault, Concealed};
use crate::capped_log::{CappedLog, LogLoss};

/// The name of the log in a run's folder.
pub const BOARD_LOG: &str = "board.log";

/// The log of a board. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct BoardLog {
    log: Arc<Mutex<CappedLog>>,
    begun: Instant,
    loss: LogLoss,
    concealed: Concealed,
}

impl BoardLog {
    /// Opens the log in a folder, or continues it.
    pub(super) fn open(folder: &Path, concealed: Concealed) -> io::Result<Self> {
        let log = CappedLog::open(&folder.join(BOARD_LOG))?;
        let loss = log.loss();
        Ok(Self {
            log: Arc::new(Mutex::new(log)),
            begun: Instant::now(),
            loss,
            concealed,
        })
    }

    /// Writes a line, with the seconds since the start.
    pub(super) fn say(&self, text: &str) {
        let text = self.concealed.masked(text);
        let at = self.begun.elapsed().as_secs_f64();
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        // That it is not whole is told by its loss.
        let _ = writeln!(log, "{at:9.3} {text}");
    }

    /// Writes what came of an operation.
    pub(super) fn note(&self, what: &str, done: &Result<(), BoardFault>) {
        match done {
            Ok(()) => self.say(&format!("{what}: done")),
            Err(fault) => self.say(&format!("{what}: {fault}")),
        }
    }

    /// Returns why the log is not complete. None if it is.
    pub(super) fn lost(&self) -> Option<String> {
        self.loss.told()
    }
}
