//! Talk: what a command says on stderr beside its result.

use std::io::Write;

use crate::visible::visible;

/// The voice of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    /// It speaks.
    Aloud,
    /// It says nothing: `--quiet`, or a test.
    Quiet,
}

impl Talk {
    /// Says a line.
    pub(crate) fn say(self, line: &str) {
        match self {
            Self::Aloud => {
                let line = visible(line);
                let _ = writeln!(std::io::stderr(), "{line}"); // Talk that nobody can hear is no reason to stop.
            }
            Self::Quiet => {}
        }
    }
}
