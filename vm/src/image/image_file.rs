use std::path::{Path, PathBuf};

use super::FileFormat;

/// A file that a disk starts as, as it was asked for. [`open`](Self::open) says what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFile {
    /// Its path.
    pub path: PathBuf,
    /// Its format; absent: what its first bytes say.
    pub format: Option<FileFormat>,
    /// Files and folders outside of its own that it may stand on.
    pub allowed: Vec<PathBuf>,
    /// The use of its content.
    pub purpose: Purpose,
}

/// The use of the content of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// Firmware may start from it: what no firmware can start is refused.
    #[default]
    Start,
    /// A kernel that starts otherwise reads it: a file system alone will do.
    Data,
}

impl ImageFile {
    /// The file at `path`, of the format that it says.
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
