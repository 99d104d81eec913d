//! The reasons why a machine was not saved.

use std::{io, path::PathBuf};

use super::PowerError;

/// The reason why a machine was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It was not launched so, or its backend cannot save.
    #[error("the machine's memory is in no file")]
    NotSavable,
    /// A device of it cannot be saved.
    #[error("{}", .0.join("; "))]
    Blocked(Vec<String>),
    /// It could not be stopped.
    #[error(transparent)]
    Power(#[from] PowerError),
    /// Its devices' state did not come out.
    #[error("cannot save the devices: {reason}")]
    Devices {
        /// The reason.
        reason: String,
    },
    /// It was asked to be given up.
    #[error("it was given up")]
    GivenUp,
    /// A file cannot be written or moved.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
