use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{CheckpointKey, Checksum, Damage};

/// Version of what is written. A checkpoint of another one, older or newer, counts as damaged: to make
/// it again is always right.
pub const SCHEMA: u32 = 1;

/// The note's name in a checkpoint's folder.
pub(super) const NOTE: &str = "checkpoint.json";

/// No note that we write is this long; a longer one is not read.
const LONGEST_NOTE: u64 = 16 << 20;

/// What whoever saves a machine tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointFacts {
    /// The checkpoint that the machine started from and that its disks read through to; `None` from power-on.
    pub parent: Option<CheckpointKey>,
    /// Name of the scenario at whose end, or in which, it was saved.
    pub scenario: String,
    /// Name of the image.
    pub image: String,
    /// The image's digest.
    pub image_digest: String,
    /// Name of the machine.
    pub machine: String,
    /// Version of QEMU.
    pub qemu: String,
    /// When it was saved: RFC 3339, UTC.
    pub saved: String,
    /// Milliseconds from power-on to here, with the time of all ancestors: what a restore saves.
    pub cold_ms: u64,
    /// What is needed to restore it, in the form of whoever saved it.
    pub state: serde_json::Value,
}

/// What is kept of a checkpoint beside its files: `checkpoint.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointNote {
    /// Version of the note's and the folder's format: [`SCHEMA`].
    pub schema: u32,
    /// The checkpoint's key, which is also its folder's name.
    pub key: CheckpointKey,
    /// What was told of it.
    #[serde(flatten)]
    pub facts: CheckpointFacts,
    /// All files of the folder other than the note, sorted by name.
    pub files: Vec<FileNote>,
}

/// A file of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    /// Its name in the folder.
    pub name: String,
    /// Its length in bytes, holes included.
    pub bytes: u64,
    /// The bytes it took on disk when it was saved.
    pub stored: u64,
    /// The sum over its bytes.
    pub checksum: Checksum,
}

impl CheckpointNote {
    /// Reads a note that claims to be of `key`.
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

    /// Understands the bytes of a note.
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

    /// Writes the note into `folder` and to disk.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        let mut file = File::create_new(folder.join(NOTE))?;
        file.write_all(&text)?;
        file.sync_all()
    }
}

/// Whether a checkpoint may have a file of this name. A note from elsewhere must not lead out of its folder.
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
