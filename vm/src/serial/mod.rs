//! The serial console: the machine's text line.
//!
//! `serial0.log` has every byte. In memory the newest 4 MiB are kept as plain text: escape sequences removed, line ends made `\n`,
//! other control bytes made harmless, broken UTF-8 replaced. Positions count bytes of that plain text since the machine started.

mod buffer;
mod console;
mod plain_text;

pub use buffer::SerialMatch;
pub use console::{Serial, SerialError};
