//! The names of folders in the store.

use std::{ffi::OsStr, fs, io, path::Path};

use super::CheckpointKey;

/// The prefix of the folder of a draft. The key and a random part follow.
const DRAFT: &str = ".draft-";

/// The prefix of a folder that is being removed.
pub(super) const GONE: &str = ".gone-";

/// The meaning of a name in the store's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// A checkpoint.
    Entry(CheckpointKey),
    /// A draft, or the rest of one whose process was killed.
    Draft(CheckpointKey),
    /// A folder that is being removed, or whose removal was interrupted.
    Gone,
    /// Anything else, which is never touched.
    Other,
}

impl Name {
    pub(super) fn of(name: &OsStr) -> Self {
        let Some(name) = name.to_str() else {
            return Self::Other;
        };
        if let Ok(key) = name.parse() {
            return Self::Entry(key);
        }
        if name.starts_with(GONE) {
            return Self::Gone;
        }
        let draft = name.strip_prefix(DRAFT).and_then(|rest| rest.get(..64));
        match draft.and_then(|key| key.parse().ok()) {
            Some(key) => Self::Draft(key),
            None => Self::Other,
        }
    }

    /// Returns everything in a store's folder.
    pub(super) fn all(folder: &Path) -> io::Result<Vec<(Self, std::path::PathBuf)>> {
        fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| (Self::of(&entry.file_name()), entry.path())))
            .collect()
    }
}

/// Returns the prefix of the folder of a draft of `key`.
pub(super) fn draft_prefix(key: &CheckpointKey) -> String {
    format!("{DRAFT}{key}-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_they_are() {
        let key = CheckpointKey::from_bytes([0xab; 32]);
        let check =
            |name: &str, expected| assert_eq!(Name::of(OsStr::new(name)), expected, "{name}");
        check(&key.to_string(), Name::Entry(key));
        check(&format!("{}x1", draft_prefix(&key)), Name::Draft(key));
        check(".gone-abc", Name::Gone);
        for other in [
            "CACHEDIR.TAG",
            ".lock",
            ".draft-",
            ".draft-éé",
            "notes.txt",
            &"AB".repeat(32),
        ] {
            check(other, Name::Other);
        }
    }
}
