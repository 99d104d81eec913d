//! A command by a shell at the other end of a text line, whatever the shell prints around it.
//!
//! ```text
//! listen --> knock --- login prompt --> user --> password --.
//!             |  <-----------------------------------------'
//!             '- quiet --> boot --> upload --> runs --> answer
//! ```
//!
//! One short line starts a reader that no echo and no prompt disturbs. It takes a program in numbered pieces, and says
//! which one it waits for. The program runs the command behind a relay, as an agent would, and sends what came of it as
//! text in lines, with a checksum. What stands between the lines is not looked at, and what a kernel's message has
//! broken is sent again. The mark around everything is put together by the guest, so that no echo has it.

mod packed;
mod program;
mod shown;
mod talk;
#[cfg(test)]
mod tests;

pub(super) use program::Program;
pub(super) use talk::{Login, Look, Talk, Trouble};
