//! The reasons for which a video cannot be made, and the unit of its times.

use std::io;
use std::path::PathBuf;

/// The shortest time that a picture is shown, in milliseconds. Films have no shorter times.
pub(super) const TICK_MS: u64 = 100;

/// A video could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VideoError {
    /// None of the pictures can be read.
    #[error("none of its pictures can be read: the first is `{file}`: {reason}")]
    NoPicture {
        /// The first picture, relative to the folder of the run.
        file: String,
        /// The reason.
        reason: String,
    },
    /// ffmpeg is not installed.
    #[error("ffmpeg is not installed")]
    NoFfmpeg,
    /// ffmpeg cannot be started.
    #[error("`{}` cannot be started: {error}", .program.display())]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// ffmpeg ended with a failure.
    #[error("ffmpeg failed ({status}): {said}")]
    Failed {
        /// Its exit status.
        status: std::process::ExitStatus,
        /// The end of its stderr.
        said: String,
    },
    /// The file cannot be written.
    #[error("the file cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The file cannot be encoded.
    #[error("the file cannot be encoded: {0}")]
    Encode(#[from] png::EncodingError),
}
