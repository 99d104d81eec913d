//! The serial console: the machine's text line, as a terminal shows it.
//!
//! ```text
//! bytes --> characters --> terminal --> screen -- lines that scroll away --> text that is whole --+
//!   |       (UTF-8)      (sequences)      |                                                      |
//!   v                                     +----- lines that can be rewritten --------------------+--> searches, tail
//! serial0.log (secrets masked)            |                                                      |
//!                                         +----- what stood there before it was rewritten -------+
//! ```
//!
//! `serial0.log` has every byte, but for secrets. In memory stands what a terminal of DEC's kind would show: carriage
//! return, backspace, cursor movements, erasing, line drawing and scrolling regions do what they do there. A line is as
//! long as what is written in it, as a terminal's width is no property of the guest's words; only where a shell breaks
//! its line at column 80 it is taken for two. A bare line feed also returns, unless the guest has put the cursor
//! somewhere before. Of a screen that is cleared nothing is lost: its lines are whole then. The newest 4 MiB are kept,
//! and of a line without end only the last 8 Ki characters can be rewritten.
//!
//! **Positions** count the bytes of text that were ever written. Where a guest only appends, a position is a place
//! in the text; text that takes the place of other text gets a new position. A search *from* a position finds
//! matches that begin in what was written since, and those that have something in them that was rewritten since: old
//! text is never found twice.
//!
//! **What is rewritten** is kept apart, as its line stood when the rewriting began: a progress line is found at each
//! state from which the cursor went back, whether or not anybody looked at that moment, and how the bytes arrive makes
//! no difference. It is in no tail.
//!
//! **Matches** that more text could change (the pattern's automaton tells) do not count until more has come, or nothing
//! for a moment. An **echo** of what was sent is no part of any match. A **kernel's message** in a line, known by its
//! time stamp, is taken out where a pattern is not found else.

mod characters;
mod conceal;
mod console;
mod echo;
mod kernel_message;
mod line_drawing;
mod pattern;
#[cfg(test)]
mod properties;
mod row;
mod screen;
mod search;
mod terminal;
mod text;
mod transcript;

pub use console::{Serial, SerialError};
pub use search::{How, Looked, SerialMatch, SerialSearch};
