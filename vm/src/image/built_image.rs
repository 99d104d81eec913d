//! An image in the store.

use std::{path::PathBuf, time::SystemTime};

use super::Digest;

/// A complete image in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltImage {
    /// The recipe's name, such as `gnome`.
    pub name: String,
    /// The disk file, as qcow2. It must never be written to; machines run on an overlay.
    pub path: PathBuf,
    /// The SHA-256 of the disk file, taken when it was built.
    pub digest: Digest,
    /// The digest of the recipe that it was built from.
    pub recipe_digest: Digest,
    /// The time at which the build ended.
    pub built: SystemTime,
    /// The size of the disk file in bytes.
    pub bytes: u64,
}
