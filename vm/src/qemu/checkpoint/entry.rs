//! The list of checkpoints, and the notes of their files.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    CheckpointError, CheckpointKey, CheckpointNote, Damage, FileNote,
    lock::{FileLock, LOCK},
    names::Name,
};

/// A checkpoint in the store, whole or damaged.
#[derive(Debug)]
pub struct CheckpointEntry {
    /// The key.
    pub key: CheckpointKey,
    /// The note's content, if the note can be understood.
    pub note: Option<CheckpointNote>,
    /// The damage, as far as it shows without reading the files.
    pub damage: Option<Damage>,
    /// The bytes that it takes on disk now.
    pub stored: u64,
    /// The time of the last use, by itself or by a child.
    pub used: SystemTime,
    /// True if a process uses it, or a child of it.
    pub in_use: bool,
}

impl CheckpointEntry {
    /// Returns all checkpoints in the store, sorted by key. Needs the store's lock, exclusive, since it tries the locks
    /// of the entries.
    pub(super) fn all(store: &Path) -> Result<Vec<Self>, CheckpointError> {
        let names = Name::all(store).map_err(CheckpointError::io("read", store))?;
        let mut entries = names
            .into_iter()
            .filter_map(|(name, folder)| match name {
                Name::Entry(key) => Some(Self::look(store, key, &folder)),
                Name::Draft(_) | Name::Gone | Name::Other => None,
            })
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(|entry| entry.key);
        Ok(entries)
    }

    /// Returns the checkpoint whose disks it needs, if that is known.
    pub(super) fn parent(&self) -> Option<CheckpointKey> {
        self.note.as_ref()?.facts.parent
    }

    fn look(store: &Path, key: CheckpointKey, folder: &Path) -> Result<Self, CheckpointError> {
        let metadata = folder
            .symlink_metadata()
            .map_err(CheckpointError::io("look at", folder))?;
        if !metadata.is_dir() {
            return Ok(Self {
                key,
                note: None,
                damage: Some(Damage::NotAFolder),
                stored: metadata.blocks() * 512,
                used: metadata.modified().unwrap_or(UNIX_EPOCH),
                in_use: false,
            });
        }
        let lock = folder.join(LOCK);
        let used = lock.symlink_metadata().unwrap_or(metadata).modified();
        let held = FileLock::try_exclusive(&lock).map_err(CheckpointError::io("lock", &lock))?;
        let (note, damage) = match CheckpointNote::read(folder, &key) {
            Ok(note) => {
                let damage = look_at_files(folder, &note).and_then(|()| {
                    ancestors(store, &note)?;
                    Ok(())
                });
                (Some(note), damage.err())
            }
            Err(damage) => (None, Some(damage)),
        };
        Ok(Self {
            key,
            note,
            damage,
            stored: stored_bytes(folder).map_err(CheckpointError::io("read", folder))?,
            used: used.unwrap_or(UNIX_EPOCH),
            in_use: held.is_none(),
        })
    }
}

/// Returns the folder of a checkpoint.
pub(super) fn entry_folder(store: &Path, key: &CheckpointKey) -> PathBuf {
    store.join(key.to_string())
}

/// Returns the note of a checkpoint whose files exist in their sizes. Reads none of the files.
pub(super) fn intact_note(store: &Path, key: &CheckpointKey) -> Result<CheckpointNote, Damage> {
    let folder = entry_folder(store, key);
    if !folder.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return Err(Damage::NotAFolder);
    }
    let note = CheckpointNote::read(&folder, key)?;
    look_at_files(&folder, &note)?;
    Ok(note)
}

/// Returns the notes of all checkpoints whose disks this one needs, parent first.
pub(super) fn ancestors(
    store: &Path,
    note: &CheckpointNote,
) -> Result<Vec<CheckpointNote>, Damage> {
    let mut chain: Vec<CheckpointNote> = Vec::new();
    let mut next = note.facts.parent;
    while let Some(key) = next {
        if key == note.key || chain.iter().any(|known| known.key == key) {
            return Err(Damage::Loop);
        }
        let parent = match entry_folder(store, &key).symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound && chain.is_empty() => {
                return Err(Damage::ParentMissing { parent: key });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Damage::Ancestor {
                    ancestor: chain[chain.len() - 1].key,
                    source: Box::new(Damage::ParentMissing { parent: key }),
                });
            }
            _ => intact_note(store, &key).map_err(|source| Damage::Ancestor {
                ancestor: key,
                source: Box::new(source),
            })?,
        };
        next = parent.facts.parent;
        chain.push(parent);
    }
    Ok(chain)
}

fn look_at_files(folder: &Path, note: &CheckpointNote) -> Result<(), Damage> {
    note.files
        .iter()
        .try_for_each(|file| look_at_file(folder, file))
}

fn look_at_file(folder: &Path, file: &FileNote) -> Result<(), Damage> {
    let name = || file.name.clone();
    match folder.join(&file.name).symlink_metadata() {
        Ok(found) if found.is_file() && found.len() == file.bytes => Ok(()),
        Ok(found) if found.is_file() => Err(Damage::OtherSize {
            name: name(),
            found: found.len(),
            expected: file.bytes,
        }),
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Damage::Unreadable {
            name: name(),
            source,
        }),
        Ok(_) | Err(_) => Err(Damage::FileMissing { name: name() }),
    }
}

fn stored_bytes(folder: &Path) -> io::Result<u64> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.metadata()?.blocks() * 512))
        .sum()
}
