//! QMP, QEMU's machine protocol: messages, and a client whose calls can be dropped at any time.
//!
//! The types of `qapi` serve for commands. Their transport does not, because it ends at the first unknown event and
//! aborts the process when a command's future is dropped.
//!
//! ```text
//! call --queue--> writer task --socket--> QEMU --socket--> reader task --by id--> the caller, if it still waits
//!                                                               \--events--> every listener
//! ```

mod client;
mod error;
#[cfg(test)]
pub(crate) mod fake;
mod lines;
mod log;
mod message;
mod raw_event;
#[cfg(test)]
mod tests;

pub(crate) use client::{Call, Trace};
pub use client::{Qmp, Sensitivity};
pub use error::QmpError;
pub(crate) use log::{Direction, QmpLog};
pub use raw_event::RawEvent;
