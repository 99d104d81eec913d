//! Runs a command in a shell at the other end of a text line, and reads its output among other text.
//!
//! ```text
//! listen --> knock --- login prompt --> user --> password --.
//!             |  <-----------------------------------------'
//!             '- quiet --> boot --> upload --> runs --> answer
//! ```
//!
//! One short line starts a reader, which no echo and no prompt disturbs. The reader takes a program in numbered pieces,
//! and prints the number of the piece that it waits for. The program runs the command behind a relay, as an agent
//! would, and prints the output as lines of text with a checksum. Other text between these lines is ignored. If a
//! kernel message has broken the output, it is sent again. The guest itself assembles the mark around the output, so
//! that an echo of the input never contains it.

mod line_text;
mod packed;
mod program;
mod talk;
#[cfg(test)]
mod tests;

pub(super) use program::Program;
pub(super) use talk::{LineAction, Login, Talk, Trouble};
