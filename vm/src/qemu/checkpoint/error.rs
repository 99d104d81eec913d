use std::{
    io,
    path::{Path, PathBuf},
};

use super::{CheckpointKey, Damage};

/// The store or a checkpoint in it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// An operation on a path of the store failed.
    #[error("checkpoint store: cannot {action} {}", path.display())]
    Io {
        /// What was tried, such as `create`.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
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
    /// The checkpoint is there but cannot be used.
    #[error("the checkpoint {} is damaged", key.short())]
    Damaged {
        /// Which.
        key: CheckpointKey,
        /// Why.
        source: Damage,
    },
    /// The checkpoint cannot be removed: a process uses it or a child of it.
    #[error("the checkpoint {} is in use", key.short())]
    InUse {
        /// Which.
        key: CheckpointKey,
    },
    /// The parent of a new checkpoint cannot be used any more.
    #[error("the checkpoint {} cannot be kept: its parent {} is gone", key.short(), parent.short())]
    ParentGone {
        /// The new one.
        key: CheckpointKey,
        /// Its parent.
        parent: CheckpointKey,
    },
    /// A draft has something in it that cannot be kept.
    #[error("the checkpoint {} cannot be kept: `{name}` in its folder is not a plain file with a plain \
        name", key.short())]
    NotAFile {
        /// The new one.
        key: CheckpointKey,
        /// What is not a file.
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
