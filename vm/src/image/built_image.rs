use std::{path::PathBuf, time::SystemTime};

use super::Digest;

/// A complete image in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltImage {
    /// The recipe's name, such as `gnome`.
    pub name: String,
    /// The disk file: qcow2. Never write to it; machines run on an overlay.
    pub path: PathBuf,
    /// SHA-256 of the disk file, taken when it was built.
    pub digest: Digest,
    /// Digest of the recipe it was built from.
    pub recipe_digest: Digest,
    /// When the build ended.
    pub built: SystemTime,
    /// Size of the disk file in bytes.
    pub bytes: u64,
}
