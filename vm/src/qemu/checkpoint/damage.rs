//! The kinds of damage of a checkpoint.

use std::io;

use super::CheckpointKey;

/// The reason why a checkpoint cannot be used. It must be dropped with
/// [`CheckpointStore::remove_damaged`](super::CheckpointStore::remove_damaged) and made again.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The name exists, but is no folder.
    #[error("it is not a folder")]
    NotAFolder,
    /// The folder has no note.
    #[error("its note `checkpoint.json` is missing")]
    NoteMissing,
    /// The note cannot be understood.
    #[error("its note `checkpoint.json` cannot be understood: {reason}")]
    NoteUnclear {
        /// The fault.
        reason: String,
    },
    /// The note has the format of another version.
    #[error("it has format {found}, and this version of qa uses format {expected}")]
    OtherSchema {
        /// The format of the note.
        found: u64,
        /// The format of this version.
        expected: u32,
    },
    /// The note describes another checkpoint.
    #[error("its note tells of another checkpoint, {}", found.short())]
    OtherKey {
        /// The key of that checkpoint.
        found: CheckpointKey,
    },
    /// A file is missing, or is no regular file.
    #[error("its file `{name}` is missing")]
    FileMissing {
        /// The name of the file.
        name: String,
    },
    /// A file is longer or shorter than when it was saved.
    #[error("its file `{name}` has {found} bytes, expected {expected}")]
    OtherSize {
        /// The name of the file.
        name: String,
        /// Its size now.
        found: u64,
        /// Its size when it was saved.
        expected: u64,
    },
    /// A file has other bytes than when it was saved.
    #[error("the bytes of its file `{name}` have changed since it was saved")]
    OtherBytes {
        /// The name of the file.
        name: String,
    },
    /// A file cannot be read.
    #[error("its file `{name}` cannot be read")]
    Unreadable {
        /// The name of the file.
        name: String,
        /// The reason.
        source: io::Error,
    },
    /// A checkpoint whose disks it needs does not exist.
    #[error("its parent {} is missing", parent.short())]
    ParentMissing {
        /// The key of that checkpoint.
        parent: CheckpointKey,
    },
    /// A checkpoint whose disks it needs is damaged.
    #[error("its ancestor {} is damaged", ancestor.short())]
    Ancestor {
        /// The key of that checkpoint, which must be dropped.
        ancestor: CheckpointKey,
        /// The damage.
        source: Box<Damage>,
    },
    /// It is its own ancestor.
    #[error("it is among its own ancestors")]
    Loop,
}
