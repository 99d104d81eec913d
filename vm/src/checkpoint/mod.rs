//! Checkpoints.

mod blocks;
mod checksum;
mod sparse;

pub use checksum::{Checksum, ParseChecksumError};
pub(crate) use sparse::copy_data;
pub use sparse::{SparseCopy, copy_sparse};
