//! Checkpoints.

mod blocks;
mod checksum;
mod sparse;

pub use checksum::{Checksum, ParseChecksumError};
pub use sparse::{SparseCopy, copy_sparse};
