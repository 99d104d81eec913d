//! The film of an attempt: the screen at every moment that was kept, and what was done with keyboard and
//! pointer, what the looks found, and what the serial console said.

use crate::log::{AreaFound, FilmPicture};

/// The screen of a machine at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Shot {
    /// The name of the machine; none where the scenario has only one.
    pub machine: Option<String>,
    /// Milliseconds from the beginning of the run.
    pub shown_ms: u64,
    /// The number of the frame: those between this number and that of the shot before have no picture.
    pub frame: Option<u64>,
    /// The picture; none where the machine showed none.
    pub picture: Option<FilmPicture>,
}

/// An action with keyboard or pointer.
#[derive(Debug, Clone, PartialEq)]
pub struct InputMark {
    /// The name of the machine; none where the scenario has only one.
    pub machine: Option<String>,
    /// Milliseconds from the beginning of the run.
    pub done_ms: u64,
    /// The action, as people write it.
    pub what: String,
    /// The pixel that was pointed at, from the left and from the top.
    pub at: Option<[u32; 2]>,
    /// The number of times that it was done.
    pub times: u32,
    /// Milliseconds until the screen changed; none if it did not.
    pub changed_after_ms: Option<u64>,
}

/// A look at the screen while a step waits.
#[derive(Debug, Clone, PartialEq)]
pub struct LookMark {
    /// The name of the machine; none where the scenario has only one.
    pub machine: Option<String>,
    /// Milliseconds from the beginning of the run.
    pub at_ms: u64,
    /// Name of the nearest needle.
    pub needle: String,
    /// Its match areas in file order.
    pub areas: Vec<AreaFound>,
}

/// Lines of a serial console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialMark {
    /// The name of the machine; none where the scenario has only one.
    pub machine: Option<String>,
    /// Milliseconds from the beginning of the run to the end of the last line.
    pub at_ms: u64,
    /// The lines.
    pub lines: Vec<String>,
    /// The number of lines before them that the log does not have.
    pub left_out: usize,
}
