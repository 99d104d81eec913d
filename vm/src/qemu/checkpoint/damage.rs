use std::io;

use super::CheckpointKey;

/// Why a checkpoint cannot be used. It is to be dropped with
/// [`CheckpointStore::remove_damaged`](super::CheckpointStore::remove_damaged) and made again.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The name is there, but is no folder.
    #[error("it is not a folder")]
    NotAFolder,
    /// The folder has no note.
    #[error("its note `checkpoint.json` is missing")]
    NoteMissing,
    /// The note is not what we write.
    #[error("its note `checkpoint.json` cannot be understood: {reason}")]
    NoteUnclear {
        /// What is wrong with it.
        reason: String,
    },
    /// The note is in the format of another version.
    #[error("it has format {found}, and this version of qa uses format {expected}")]
    OtherSchema {
        /// The format of the note.
        found: u64,
        /// Ours.
        expected: u32,
    },
    /// The note tells of another checkpoint.
    #[error("its note tells of another checkpoint, {}", found.short())]
    OtherKey {
        /// Of which.
        found: CheckpointKey,
    },
    /// A file is missing, or is no regular file.
    #[error("its file `{name}` is missing")]
    FileMissing {
        /// Which.
        name: String,
    },
    /// A file is longer or shorter than it was.
    #[error("its file `{name}` has {found} bytes, expected {expected}")]
    OtherSize {
        /// Which.
        name: String,
        /// Its size now.
        found: u64,
        /// Its size when it was saved.
        expected: u64,
    },
    /// A file has other bytes than it had.
    #[error("the bytes of its file `{name}` have changed since it was saved")]
    OtherBytes {
        /// Which.
        name: String,
    },
    /// A file cannot be read.
    #[error("its file `{name}` cannot be read")]
    Unreadable {
        /// Which.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The checkpoint that its disks read through to is not there.
    #[error("its parent {} is missing", parent.short())]
    ParentMissing {
        /// Which.
        parent: CheckpointKey,
    },
    /// A checkpoint that its disks read through to is damaged.
    #[error("its ancestor {} is damaged", ancestor.short())]
    Ancestor {
        /// Which: this one is to be dropped.
        ancestor: CheckpointKey,
        /// How.
        source: Box<Damage>,
    },
    /// It is its own ancestor.
    #[error("it is among its own ancestors")]
    Loop,
}
