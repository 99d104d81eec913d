//! Boards as a project file describes them: `board:` of a machine.

mod commands;
mod description;
mod fitness;
mod lines;
mod service;
mod services;
mod sources;

pub use commands::Commands;
pub use description::{Board, Health};
pub use lines::SerialLine;
pub use services::{Certificate, Kvmd, Labgrid, Place, Redfish, Vnc};
pub use sources::{InputSource, PowerSource, ScreenSource, SerialSource, StorageSource};

#[cfg(test)]
mod tests;
