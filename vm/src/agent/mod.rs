//! The QEMU guest agent in the image: commands and files in the guest.

mod channel;
mod client;
mod command;
mod error;
mod incoming;
#[cfg(test)]
mod tests;

pub use client::{Agent, ShutdownMode};
pub use command::{GuestCommand, GuestExit, GuestOutput};
pub use error::AgentError;
