//! The serial line of a board: where its bytes come from.
//!
//! ```text
//! LineSpec --open--> LineStream --carried by--> ReopeningLine --> LineStream for the console
//!  TCP                                           '--> LineNews: lost, back, gone
//!  RFC 2217: telnet.rs splits the bytes, negotiation.rs answers, remote_port.rs is the stream
//!  device
//!  command
//! ```

mod command;
mod device;
mod negotiation;
mod pace;
mod remote_port;
mod reopening;
mod spec;
mod stream;
mod tcp;
mod telnet;

#[cfg(test)]
mod fast_line_tests;

pub use pace::Pace;
pub(crate) use reopening::{LineNews, ReopeningLine};
pub use spec::LineSpec;
pub(crate) use stream::LineStream;
