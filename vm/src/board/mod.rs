//! A machine that is a board of a lab: power, serial line, screen, input and storage, each from its own source.
//!
//! ```text
//! BoardSpec --+-- power    labgrid, kvmd, Redfish, commands
//!             +-- line     TCP, RFC 2217, a device of this host, labgrid, a command
//!             +-- screen   kvmd, VNC, HTTP pictures, a command
//!             +-- input    kvmd, VNC, a command
//!             '-- storage  labgrid, kvmd, a command
//! ```
//!
//! A board is what it has. What it does not have is a [`Lack`](crate::Lack), known before it is switched on.

pub mod fault;

pub use fault::{BoardFault, FaultKind};
