//! The files that steps put into the drive of a machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the media of a job are, and what is in them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Media {
    root: PathBuf,
    digests: BTreeMap<String, String>,
}

impl Media {
    /// Those below the folder of a project. `digests` has that of each by its path there, where it can be told.
    pub(crate) fn new(root: PathBuf, digests: BTreeMap<String, String>) -> Self {
        Self { root, digests }
    }

    /// The file, as found from here.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Its path in the project, as steps write it.
    pub(crate) fn path(&self, file: &Path) -> String {
        let below = file.strip_prefix(&self.root).unwrap_or(file);
        below.to_string_lossy().into_owned()
    }

    /// The digest of what is in it; none where that cannot be told.
    pub(crate) fn digest(&self, path: &str) -> Option<&str> {
        self.digests.get(path).map(String::as_str)
    }
}
