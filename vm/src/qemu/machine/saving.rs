//! The result of saving a machine.

use super::SavedMachine;
use crate::qemu::checkpoint::Checksum;

/// The result of saving a machine.
#[derive(Debug)]
pub struct Saving {
    /// The saved machine.
    pub saved: SavedMachine,
    /// The checksum of its main memory (file `ram`), taken while it was written.
    pub memory: Checksum,
}
