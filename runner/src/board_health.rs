//! The health of boards, as it was found last. It is kept beside the locks of boards, in the cache.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use reports::{CauseKind, Verdict};
use serde::{Deserialize, Serialize};

/// The health of a board, as it was found last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BoardHealth {
    /// True if its health scenario held.
    pub well: bool,
    /// The moment since which that is so, in RFC 3339.
    pub since: String,
    /// The moment of the last check, in RFC 3339.
    pub checked: String,
    /// The run of the last check.
    pub run: String,
}

/// The result of a health check for the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The board is well.
    Well,
    /// The board is sick.
    Sick,
    /// Nothing: the check was stopped, or something else than the board was to blame.
    Nothing,
}

impl Told {
    /// Returns what the end of a health scenario tells.
    pub(crate) fn by(verdict: Verdict, cause: Option<&CauseKind>) -> Self {
        match verdict {
            Verdict::Passed | Verdict::SoftFailed | Verdict::Flaky => Self::Well,
            // The image is known to be good, so the board is to blame.
            Verdict::Failed => Self::Sick,
            Verdict::Error if is_of_the_board(cause) => Self::Sick,
            Verdict::Error | Verdict::Skipped | Verdict::Cancelled => Self::Nothing,
        }
    }
}

/// Returns true if an error may come from the board or its lab.
pub(crate) fn is_of_the_board(cause: Option<&CauseKind>) -> bool {
    use CauseKind as K;
    match cause {
        Some(K::Launch | K::Harness | K::MachineExited | K::InternalError) | None => true,
        Some(
            K::Deadline
            | K::Watch(_)
            | K::UnexpectedReset
            | K::Resets
            | K::UnexpectedShutdown
            | K::Panic
            | K::Command
            | K::Assertion
            | K::DiskFull
            | K::Image
            | K::Scenario
            | K::Missing
            | K::Partial
            | K::Unfinished
            | K::Cancelled,
        ) => false,
    }
}

impl BoardHealth {
    /// Reads the health of a board; none if it was never checked, or its file cannot be read.
    pub(crate) fn read(folder: &Path, board: &str) -> Option<Self> {
        let text = fs::read_to_string(path(folder, board)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Keeps what a check found. `now` is the moment of the check, in RFC 3339.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn note(
        folder: &Path,
        board: &str,
        well: bool,
        run: &str,
        now: &str,
    ) -> io::Result<Self> {
        let before = Self::read(folder, board).filter(|before| before.well == well);
        let health = Self {
            well,
            since: before.map_or_else(|| now.to_owned(), |before| before.since),
            checked: now.to_owned(),
            run: run.to_owned(),
        };
        fs::create_dir_all(folder)?;
        // A reader sees the old text or the new one.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, &health)?;
        file.persist(path(folder, board))?;
        Ok(health)
    }
}

fn path(folder: &Path, board: &str) -> PathBuf {
    folder.join(format!("{board}.health.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_is_sick_since_the_first_check_that_said_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let note = |well, run, now| {
            BoardHealth::note(folder.path(), "mars", well, run, now).expect("the health")
        };
        assert_eq!(BoardHealth::read(folder.path(), "mars"), None);
        note(true, "1", "2026-01-01T00:00:00Z");
        note(false, "2", "2026-01-02T00:00:00Z");
        let health = note(false, "3", "2026-01-03T00:00:00Z");
        assert_eq!(health.since, "2026-01-02T00:00:00Z");
        assert_eq!(health.checked, "2026-01-03T00:00:00Z");
        assert_eq!(BoardHealth::read(folder.path(), "mars"), Some(health));
        let well = note(true, "4", "2026-01-04T00:00:00Z");
        assert_eq!(well.since, "2026-01-04T00:00:00Z");
    }
}
