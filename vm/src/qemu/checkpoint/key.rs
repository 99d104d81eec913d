//! The keys of checkpoints.

use crate::hex_sum::{HexSum, SumOf};

/// The key of a checkpoint: a SHA-256 over everything that can change the state of the machine. The store does not
/// interpret it.
pub type CheckpointKey = HexSum<OfCheckpoint, 32>;

/// The subject of a [`CheckpointKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfCheckpoint {}

impl SumOf for OfCheckpoint {
    const NAME: &'static str = "the key of a checkpoint";
}
