//! The note of a checkpoint, `checkpoint.json`.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{CheckpointKey, Checksum, Damage};

/// The version of the note. A checkpoint with another version, older or newer, counts as damaged, because making it
/// again is always right.
pub const SCHEMA: u32 = 1;

/// The name of the note in a checkpoint's folder.
pub(super) const NOTE: &str = "checkpoint.json";

/// The longest note that is read. All notes that this program writes are shorter.
const LONGEST_NOTE: u64 = 16 << 20;

/// The facts of a checkpoint, from the program that saves the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointFacts {
    /// The checkpoint that the machine started from and whose disks it needs. `None` if it was started by power-on.
    pub parent: Option<CheckpointKey>,
    /// The name of the scenario in which, or at whose end, it was saved.
    pub scenario: String,
    /// The name of the image.
    pub image: String,
    /// The digest of the image.
    pub image_digest: String,
    /// The name of the machine.
    pub machine: String,
    /// The version of QEMU.
    pub qemu: String,
    /// The time at which it was saved: RFC 3339, UTC.
    pub saved: String,
    /// The milliseconds from power-on to this state, including all ancestors: the time that a restore saves.
    pub cold_ms: u64,
    /// The data that is needed to restore it, in the form of the program that saved it.
    pub state: serde_json::Value,
}

/// The note of a checkpoint beside its files: `checkpoint.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointNote {
    /// The version of the format of note and folder: [`SCHEMA`].
    pub schema: u32,
    /// The key of the checkpoint, which is also the name of its folder.
    pub key: CheckpointKey,
    /// The facts.
    #[serde(flatten)]
    pub facts: CheckpointFacts,
    /// All files of the folder except for the note, sorted by name.
    pub files: Vec<FileNote>,
}

/// A file of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    /// The name in the folder.
    pub name: String,
    /// The length in bytes, holes included.
    pub bytes: u64,
    /// The bytes that it took on disk when it was saved.
    pub stored: u64,
    /// The checksum of its bytes.
    pub checksum: Checksum,
}

impl CheckpointNote {
    /// Reads a note that should be that of `key`.
    pub(super) fn read(folder: &Path, key: &CheckpointKey) -> Result<Self, Damage> {
        let unreadable = |source| Damage::Unreadable {
            name: NOTE.to_owned(),
            source,
        };
        let file = match super::lock::open_file(&folder.join(NOTE)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Damage::NoteMissing);
            }
            Err(error) => return Err(unreadable(error)),
        };
        let mut text = Vec::new();
        file.take(LONGEST_NOTE + 1)
            .read_to_end(&mut text)
            .map_err(unreadable)?;
        Self::parse(&text, key)
    }

    /// Parses the bytes of a note.
    pub(super) fn parse(text: &[u8], key: &CheckpointKey) -> Result<Self, Damage> {
        #[derive(Deserialize)]
        struct Version {
            schema: u64,
        }
        if text.len() as u64 > LONGEST_NOTE {
            let reason = format!("it has more than {LONGEST_NOTE} bytes");
            return Err(Damage::NoteUnclear { reason });
        }
        let unclear = |error: serde_json::Error| Damage::NoteUnclear {
            reason: error.to_string(),
        };
        // The version first: another version may have other fields.
        let Version { schema } = serde_json::from_slice(text).map_err(unclear)?;
        if schema != u64::from(SCHEMA) {
            return Err(Damage::OtherSchema {
                found: schema,
                expected: SCHEMA,
            });
        }
        let note: Self = serde_json::from_slice(text).map_err(unclear)?;
        if note.key != *key {
            return Err(Damage::OtherKey { found: note.key });
        }
        if let Some(file) = note.files.iter().find(|file| !is_plain(&file.name)) {
            let reason = format!("`{}` is not the name of a file in a folder", file.name);
            return Err(Damage::NoteUnclear { reason });
        }
        Ok(note)
    }

    /// Writes the note into `folder` and syncs it to disk.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        let mut file = File::create_new(folder.join(NOTE))?;
        file.write_all(&text)?;
        file.sync_all()
    }
}

/// Returns true if a checkpoint may have a file of this name. A note from elsewhere must not lead out of its folder.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0']) && name != NOTE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn note() -> CheckpointNote {
        CheckpointNote {
            schema: SCHEMA,
            key: CheckpointKey::from_bytes([1; 32]),
            facts: CheckpointFacts {
                parent: Some(CheckpointKey::from_bytes([2; 32])),
                scenario: "gnome-login".into(),
                image: "gnome".into(),
                image_digest: "ab".into(),
                machine: "desktop".into(),
                qemu: "7.2.9".into(),
                saved: "2026-01-02T03:04:05Z".into(),
                cold_ms: 170_000,
                state: serde_json::json!({ "disks": [1, 2], "big": u64::MAX }),
            },
            files: vec![FileNote {
                name: "ram".into(),
                bytes: 3 << 30,
                stored: 1 << 30,
                checksum: "0123456789abcdef".parse().unwrap(),
            }],
        }
    }

    fn parse(text: &[u8]) -> Result<CheckpointNote, Damage> {
        CheckpointNote::parse(text, &note().key)
    }

    #[test]
    fn a_note_reads_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        note().write(folder.path()).unwrap();
        let read = CheckpointNote::read(folder.path(), &note().key).unwrap();
        assert_eq!(read, note());
    }

    #[test]
    fn another_version_is_told_even_when_its_fields_are_others() {
        let error = parse(br#"{"schema": 7, "who": "knows"}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it has format 7, and this version of qa uses format 1"
        );
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for name in ["", "../x", "/etc/passwd", "a/b", ".lock", NOTE, "a\0b"] {
            let mut note = note();
            note.files[0].name = name.to_owned();
            let error = parse(&serde_json::to_vec(&note).unwrap()).unwrap_err();
            assert!(matches!(error, Damage::NoteUnclear { .. }), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_understood_or_refused(text in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(parse(&text).is_err());
        }

        #[test]
        fn a_note_with_changed_bytes_never_panics(
            place in any::<prop::sample::Index>(),
            length in 0..40_usize,
            bytes in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut text = serde_json::to_vec_pretty(&note()).unwrap();
            let start = place.index(text.len());
            let end = text.len().min(start + length);
            text.splice(start..end, bytes);
            if let Ok(note) = parse(&text) {
                prop_assert!(note.files.iter().all(|file| is_plain(&file.name)));
            }
        }
    }
}
