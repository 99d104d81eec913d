//! Copies a file into the guest or out of it, by commands for the guest's shell. It runs none of them itself, so tests
//! can play it through with any shell.
//!
//! ```text
//! Upload:    piece 0 --> piece 1 --> ... last piece, checksum
//! Download:  piece 0 --> all of it, if it is short
//!               '------> checksum, size --> piece 1 --> ... compare --> piece 0 again, if the file has changed
//! ```
//!
//! Shell commands work on every guest on which `run` works. The file commands of the agent do not: some systems forbid
//! them.

mod download;
mod error;
mod shell_call;
#[cfg(test)]
mod tests;
mod upload;

pub(super) use download::Download;
pub(super) use error::TransferError;
pub(super) use shell_call::ShellCall;
pub(super) use upload::Upload;
