//! Talk: the lines of a command on stderr, besides its result on stdout.

use std::io::Write;

use crate::visible::visible;

/// Says if a command talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    /// It prints its talk.
    Aloud,
    /// It prints no talk: `--quiet`, or a test.
    Quiet,
}

impl Talk {
    /// Prints a line on stderr.
    pub(crate) fn say(self, line: &str) {
        match self {
            Self::Aloud => {
                let line = visible(line);
                let _ = writeln!(std::io::stderr(), "{line}"); // If stderr is closed, the command goes on.
            }
            Self::Quiet => {}
        }
    }
}
