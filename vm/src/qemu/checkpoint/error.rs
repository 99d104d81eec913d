//! The errors of the store of checkpoints.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{CheckpointKey, Damage};

/// The store, or a checkpoint in it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// An operation on a path of the store failed.
    #[error("checkpoint store: cannot {action} {}", path.display())]
    Io {
        /// The operation, such as `create`.
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The folder has files and is not marked as a store.
    #[error("{} is not a checkpoint store and not empty: nothing is kept or removed there; empty it, \
        or choose another cache folder with XDG_CACHE_HOME",
        folder.display())]
    NotOurs {
        /// The folder.
        folder: PathBuf,
    },
    /// The checkpoint exists but cannot be used.
    #[error("the checkpoint {} is damaged", key.short())]
    Damaged {
        /// The key.
        key: CheckpointKey,
        /// The damage.
        source: Damage,
    },
    /// The checkpoint cannot be removed: a process uses it or a child of it.
    #[error("the checkpoint {} is in use", key.short())]
    InUse {
        /// The key.
        key: CheckpointKey,
    },
    /// The parent of a new checkpoint cannot be used any more.
    #[error("the checkpoint {} cannot be kept: its parent {} is gone", key.short(), parent.short())]
    ParentGone {
        /// The key of the new checkpoint.
        key: CheckpointKey,
        /// The key of its parent.
        parent: CheckpointKey,
    },
    /// A draft has a file that cannot be kept.
    #[error("the checkpoint {} cannot be kept: `{name}` in its folder is not a plain file with a plain \
        name", key.short())]
    NotAFile {
        /// The key of the new checkpoint.
        key: CheckpointKey,
        /// The name of what is not a plain file.
        name: String,
    },
}

impl CheckpointError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
