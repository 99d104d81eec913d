//! QMP, QEMU's machine protocol: messages, and a client whose calls can be dropped at any time.

mod client;
mod error;
mod raw_event;

pub use client::{Qmp, Sensitivity};
pub use error::QmpError;
pub use raw_event::RawEvent;
