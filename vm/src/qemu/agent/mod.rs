//! The QEMU guest agent: its channel, and the commands that it knows.

mod channel;
mod client;
mod files;
mod incoming;
#[cfg(test)]
mod tests;

pub(crate) use client::GuestAgent;
