//! The agent in the guest: runs commands, reads and writes files.

mod command;
mod error;
mod handle;
mod output;
mod relay;

pub use command::{Capture, GuestCommand, GuestExit, GuestOutput};
pub use error::{AgentError, LeftRunning};
pub use handle::{Agent, ShutdownMode};
pub use output::Output;
pub(crate) use relay::Call;
pub use relay::Relay;
