//! The running machine: its start, its handle, its events, its end.

mod event;
mod facts;
mod handle;
mod launch_error;
mod power;

pub use event::{EventOrigin, MachineEvent, MachineEvents};
pub use facts::MachineFacts;
pub use handle::{Ending, Machine};
pub use launch_error::LaunchError;
pub use power::{Power, PowerError, RunState};
