//! The way to a board that is ready: for people who wait.

use std::time::Duration;

/// A step on the way to a board that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoardNews {
    /// Another run or person has the board.
    Waiting {
        /// The holder, for people.
        holder: String,
    },
    /// The board is ours, and its services answer.
    Acquired,
    /// The image is being written.
    Writing,
    /// The image is written.
    Written {
        /// The time that it took.
        took: Duration,
    },
    /// The board is on.
    On,
}
