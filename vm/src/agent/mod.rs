//! The QEMU guest agent in the image: commands and files in the guest.

mod channel;
mod client;
mod command;
mod error;
mod files;
mod incoming;
mod output;
mod relay;
#[cfg(test)]
mod tests;

pub use client::{Agent, ShutdownMode};
pub use command::{Capture, GuestCommand, GuestExit, GuestOutput};
pub use error::{AgentError, LeftRunning};
pub use output::Output;
pub use relay::Relay;
