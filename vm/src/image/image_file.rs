//! A file that is given as an image.

use std::path::{Path, PathBuf};

use super::FileFormat;

/// A file that a disk starts from, as the call names it. [`open`](Self::open) finds out its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFile {
    /// Its path.
    pub path: PathBuf,
    /// Its format. If absent, its first bytes tell.
    pub format: Option<FileFormat>,
    /// Files and folders outside of its own folder that it may use as backing files.
    pub allowed: Vec<PathBuf>,
    /// The use of its content.
    pub purpose: Purpose,
}

/// The use of the content of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// Firmware may start from it. Content that no firmware can start is refused.
    #[default]
    Start,
    /// A kernel that was started otherwise reads it. A file system without a partition table is enough.
    Data,
}

impl ImageFile {
    /// Returns the file at `path`, whose format its first bytes tell.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            format: None,
            allowed: Vec::new(),
            purpose: Purpose::Start,
        }
    }
}

impl From<PathBuf> for ImageFile {
    fn from(path: PathBuf) -> Self {
        Self::new(path)
    }
}

impl From<&PathBuf> for ImageFile {
    fn from(path: &PathBuf) -> Self {
        Self::new(path)
    }
}

impl From<&Path> for ImageFile {
    fn from(path: &Path) -> Self {
        Self::new(path)
    }
}

impl From<&str> for ImageFile {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}

impl From<&String> for ImageFile {
    fn from(path: &String) -> Self {
        Self::new(path)
    }
}

impl From<&std::ffi::OsStr> for ImageFile {
    fn from(path: &std::ffi::OsStr) -> Self {
        Self::new(path)
    }
}
