//! The progress and the failures of a build.

use std::{io, path::PathBuf, process::ExitStatus};

use super::StoreError;

/// A message of a build while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildProgress {
    /// Another process builds the same recipe. This one waits for its result.
    WaitingForAnotherBuild,
    /// A line of the build program, without its line end. Control characters are replaced.
    Line(String),
}

/// The reason why there is no image after a build.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The caller cancelled it. Nothing is left behind.
    #[error("the build of image `{name}` was cancelled; nothing was kept")]
    Cancelled {
        /// The recipe's name.
        name: String,
    },
    /// The build program cannot be started.
    #[error("cannot start the build program {}; `qa doctor` says what this host lacks", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The build program failed.
    #[error("the build of image `{name}` failed ({status}); its last lines:\n{}", tail.join("\n"))]
    Failed {
        /// The recipe's name.
        name: String,
        /// The exit status of the program.
        status: ExitStatus,
        /// The last lines that it wrote, oldest first, at most 20.
        tail: Vec<String>,
    },
    /// The build program succeeded, but made no disk image.
    #[error("the build of image `{name}` ended without a disk image")]
    NoImage {
        /// The recipe's name.
        name: String,
        /// The fault of its output.
        source: super::ProbeError,
    },
    /// The store's folder cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}
