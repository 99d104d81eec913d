//! The reasons why a machine was not saved.

use std::{io, path::PathBuf};

use super::{Lack, PowerError};

/// The reason why a machine was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It cannot be saved.
    #[error(transparent)]
    Lacking(#[from] Lack),
    /// A device of it cannot be saved.
    #[error("{}", .0.join("; "))]
    Blocked(Vec<String>),
    /// It could not be stopped.
    #[error(transparent)]
    Power(#[from] PowerError),
    /// The state of its devices was not written.
    #[error("cannot save the devices: {reason}")]
    Devices {
        /// The reason.
        reason: String,
    },
    /// The caller has given it up.
    #[error("it was given up")]
    GivenUp,
    /// A file cannot be written or moved.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}
