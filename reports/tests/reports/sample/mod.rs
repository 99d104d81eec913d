//! Event logs of made-up runs, written the way the engine writes them.

mod attempts;
mod runs;
mod writer;

pub(crate) use runs::{RUNS, log_of};
pub(crate) use writer::{Writer, candidate, command};
