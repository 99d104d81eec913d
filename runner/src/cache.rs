//! The folder of caches: images, checkpoints and the times of stages.

use std::path::PathBuf;

use vm::checkpoint::CheckpointStore;
use vm::image::ImageStore;

use crate::cli::parse_size;
use crate::failure::{Failure, chain};

/// The environment variable with the limit for checkpoints.
const LIMIT_VARIABLE: &str = "QA_CACHE_LIMIT";

/// Returns the folder of caches: `$XDG_CACHE_HOME`, or else `~/.cache`.
///
/// # Errors
/// When there is no home folder.
pub(crate) fn cache_folder() -> Result<PathBuf, Failure> {
    match std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(cache) if cache.is_absolute() => Ok(cache),
        _ => std::env::home_dir()
            .map(|home| home.join(".cache"))
            .ok_or_else(|| {
                Failure::error("there is no home folder to keep images and checkpoints in")
                    .hint("set HOME or XDG_CACHE_HOME")
            }),
    }
}

/// Returns the folder of the Python environment with labgrid, `$XDG_CACHE_HOME/qa/labgrid`.
///
/// # Errors
/// When there is no home folder.
pub(crate) fn labgrid_folder() -> Result<PathBuf, Failure> {
    Ok(cache_folder()?.join("qa/labgrid"))
}

/// Returns the folder of the locks and the health of boards, `$XDG_CACHE_HOME/qa/boards`.
///
/// # Errors
/// When there is no home folder.
pub(crate) fn boards_folder() -> Result<PathBuf, Failure> {
    Ok(cache_folder()?.join("qa/boards"))
}

/// Opens the store of images, `$XDG_CACHE_HOME/qa/images`.
///
/// # Errors
/// When there is no home folder, or the store cannot be made.
pub(crate) fn open_images() -> Result<ImageStore, Failure> {
    ImageStore::open(cache_folder()?.join("qa/images"))
        .map_err(|error| Failure::error(chain(&error)))
}

/// Opens the store of checkpoints, `$XDG_CACHE_HOME/qa/checkpoints`, with the limit of `QA_CACHE_LIMIT`.
///
/// # Errors
/// When there is no home folder, the limit cannot be understood, or the store cannot be used.
pub(crate) fn open_checkpoints() -> Result<CheckpointStore, Failure> {
    let store = CheckpointStore::open(cache_folder()?.join("qa/checkpoints"))
        .map_err(|error| Failure::error(chain(&error)))?;
    let Some(limit) = std::env::var_os(LIMIT_VARIABLE).filter(|limit| !limit.is_empty()) else {
        return Ok(store);
    };
    let limit = limit.to_string_lossy();
    match parse_size(&limit) {
        Ok(limit) => Ok(store.limited_to(limit)),
        Err(expected) => Err(Failure::usage(format!(
            "{LIMIT_VARIABLE} is `{limit}`: expected {expected}"
        ))),
    }
}
