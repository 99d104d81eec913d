use std::{ffi::OsStr, fs, io, path::Path};

use super::CheckpointKey;

/// How the folder of a checkpoint in the making begins; the key and something random follow.
const DRAFT: &str = ".draft-";

/// How the name of something on its way out begins.
pub(super) const GONE: &str = ".gone-";

/// What a name in the store's folder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// A checkpoint.
    Entry(CheckpointKey),
    /// A checkpoint in the making, or what a killed process left of it.
    Draft(CheckpointKey),
    /// Something that is being removed, or was when a process was killed.
    Gone,
    /// Anything else, which is left alone.
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

    /// Everything in a store's folder.
    pub(super) fn all(folder: &Path) -> io::Result<Vec<(Self, std::path::PathBuf)>> {
        fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| (Self::of(&entry.file_name()), entry.path())))
            .collect()
    }
}

/// How the folder of a draft of `key` begins.
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
