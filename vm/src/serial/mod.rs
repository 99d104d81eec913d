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
//! `serial0.log` has every byte except for secrets. The memory has what a DEC terminal would show: carriage return,
//! backspace, cursor movements, erasing, line drawing and scrolling regions have their usual effect. A line may have
//! any length, because a guest's text does not depend on the width of a terminal. Only a line that a shell breaks at
//! column 80 counts as two lines. A bare line feed also returns, unless the guest has moved the cursor before. Clearing
//! the screen loses nothing: its lines count as complete then. The newest 4 MiB are kept. Of a line without an end,
//! only the last 8 Ki characters can be rewritten.
//!
//! **Positions** count the bytes of text that were ever written. If a guest only appends, a position is a place in the
//! text. Text that replaces other text gets a new position. A search *from* a position finds matches that begin in
//! newer text, and matches with text that was rewritten since. So old text is never found twice.
//!
//! **Rewritten text** is kept apart, as its line was when the rewriting began. So a progress line is found in each
//! state from which the cursor went back, however the bytes arrive. No tail has it.
//!
//! **Matches** that more text could change (the pattern's automaton tells) count only when more text has come, or none
//! for a moment. An **echo** of sent text is no part of any match. A **kernel message** inside of a line, known by its
//! time stamp, is removed if the pattern is not found otherwise.

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
