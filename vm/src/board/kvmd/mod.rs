//! A network KVM with PiKVM's daemon `kvmd`: screen, input, power and virtual medium of a board.
//!
//! ```text
//! Kvmd --+-- api: requests with name and password ---- /api/atx, /api/msd, /api/streamer, /api/hid
//!        '-- socket: one WebSocket, kept open --------- /api/ws: states, keys, pointer
//! ```
//!
//! The WebSocket stays open for two reasons: the streamer runs only while a client is connected, and keys must arrive
//! in the order in which they were sent.

mod api;
mod connection;
#[cfg(test)]
mod fake;
mod input;
mod keys;
mod medium;
mod power;
mod screen;
mod socket;
mod spec;
mod states;
mod totp;

pub(crate) use connection::Kvmd;
pub(crate) use input::KvmdInput;
pub(crate) use screen::KvmdScreen;
pub use spec::KvmdSpec;
