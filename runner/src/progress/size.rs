//! The size of a terminal.

use std::io::{IsTerminal, stderr, stdout};
use std::os::fd::AsFd;

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Columns.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// The width of a character in pixels, if the terminal tells it.
    pub column_pixels: Option<u32>,
}

impl Size {
    /// The size of a terminal that does not tell it.
    pub(crate) const STANDARD: Self = Self {
        columns: 80,
        rows: 24,
        column_pixels: None,
    };

    /// Returns the size of the terminal on standard error.
    pub(super) fn of_stderr() -> Self {
        Self::of(stderr())
    }

    /// Returns the size of the terminal on standard output; none if it is not a terminal.
    pub(crate) fn of_stdout() -> Option<Self> {
        stdout().is_terminal().then(|| Self::of(stdout()))
    }

    fn of(stream: impl AsFd) -> Self {
        let Ok(told) = rustix::termios::tcgetwinsize(stream) else {
            return Self::STANDARD;
        };
        let or = |told: u16, least: u16, standard| match told {
            told if told >= least => usize::from(told),
            _ => standard,
        };
        let pixels = told.ws_xpixel.checked_div(told.ws_col).unwrap_or(0);
        Self {
            columns: or(told.ws_col, 20, Self::STANDARD.columns),
            rows: or(told.ws_row, 3, Self::STANDARD.rows),
            // Some terminals count pixels wrongly.
            column_pixels: Some(u32::from(pixels)).filter(|pixels| (4..=64).contains(pixels)),
        }
    }
}
