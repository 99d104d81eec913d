//! The end of a machine.

use std::{fmt, os::unix::process::ExitStatusExt, process::ExitStatus};

/// The end of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The exit status of its process. None if it has no process, or the status is not known.
    pub status: Option<ExitStatus>,
    /// The end of the process's output on stderr.
    pub stderr_tail: String,
}

impl Ending {
    /// Returns the signal that killed its process, if one did.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        self.status.and_then(|status| status.signal())
    }
}

impl fmt::Display for Ending {
    /// Writes the exit status, as `exit status: 1` or `signal: 9 (SIGKILL)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => status.fmt(f),
            None => f.write_str("nobody knows how"),
        }
    }
}
