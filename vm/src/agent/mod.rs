//! The agent in the guest: runs commands, reads and writes files.

mod command;
mod error;
mod handle;
mod output;
mod relay;
mod shutdown_mode;

pub use command::{Capture, GuestCommand, GuestExit, GuestOutput};
pub use error::{AgentError, LeftRunning};
pub use handle::Agent;
pub use output::Output;
pub(crate) use relay::Call;
pub use relay::Relay;
pub use shutdown_mode::ShutdownMode;
