//! Boards as a project file describes them: `board:` of a machine.

mod board;
mod commands;
mod fitness;
mod lines;
mod service;
mod services;
mod sources;

pub use board::{Board, Health};
pub use commands::Commands;
pub use lines::SerialLine;
pub use services::{Certificate, Kvmd, Labgrid, Place, Redfish, Vnc};
pub use sources::{InputSource, PowerSource, ScreenSource, SerialSource, StorageSource};

#[cfg(test)]
mod tests;
