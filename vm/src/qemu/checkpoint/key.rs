use crate::hex_sum::{HexSum, SumOf};

/// The key by which a checkpoint is found: a SHA-256 over everything that can change how the machine came to be. The
/// store does not look into it.
pub type CheckpointKey = HexSum<OfCheckpoint, 32>;

/// What a [`CheckpointKey`] is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfCheckpoint {}

impl SumOf for OfCheckpoint {
    const NAME: &'static str = "the key of a checkpoint";
}
