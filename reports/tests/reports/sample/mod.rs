//! Event logs of made-up runs, written the way the engine writes them.

mod attempts;
mod matrix;
pub(crate) mod random;
mod runs;
mod serial;
mod side_by_side;
mod writer;

pub(crate) use runs::{LOGIN, RUNS, log_of};
pub(crate) use side_by_side::side_by_side;
pub(crate) use writer::{Writer, candidate, command};
