use std::{io, path::PathBuf, process::ExitStatus};

use super::StoreError;

/// What a build tells while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildProgress {
    /// Another process builds the same recipe; this one waits for its result.
    WaitingForAnotherBuild,
    /// A line the build program wrote, without its line end; control characters replaced.
    Line(String),
}

/// Why there is no image after a build.
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
        /// Why.
        source: io::Error,
    },
    /// The build program failed.
    #[error("the build of image `{name}` failed ({status}); its last lines:\n{}", tail.join("\n"))]
    Failed {
        /// The recipe's name.
        name: String,
        /// How the program ended.
        status: ExitStatus,
        /// The last lines it wrote, oldest first, at most 20.
        tail: Vec<String>,
    },
    /// The build program ended well, but made no disk image.
    #[error("the build of image `{name}` ended without a disk image")]
    NoImage {
        /// The recipe's name.
        name: String,
        /// What is wrong with its output.
        source: super::ProbeError,
    },
    /// The store's folder cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}
