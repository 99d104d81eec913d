//! A checkpoint in the making.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{
    CheckpointError, CheckpointFacts, CheckpointKey, CheckpointNote, CheckpointStore, Checksum,
    FileNote, Lease, SCHEMA,
    entry::entry_folder,
    kill_point::{KillPoint, pass},
    lock::{FileLock, LOCK, open_file},
    names::draft_prefix,
    note::is_plain,
    removal::SetAside,
};

/// A checkpoint in the making: a folder that no one else sees, and the right to make this checkpoint. Dropping it
/// removes the folder with its files.
#[derive(Debug)]
pub struct Draft {
    store: CheckpointStore,
    key: CheckpointKey,
    folder: PathBuf,
    /// `None` once the folder is a checkpoint.
    lock: Option<FileLock>,
    known: BTreeMap<String, Checksum>,
}

impl Draft {
    /// Makes the folder. Needs the store's lock, exclusive.
    pub(super) fn new(
        store: &CheckpointStore,
        key: CheckpointKey,
    ) -> Result<Self, CheckpointError> {
        let folder = tempfile::Builder::new()
            .prefix(&draft_prefix(&key))
            .tempdir_in(store.folder())
            .map_err(CheckpointError::io("make a folder in", store.folder()))?
            .keep();
        pass(KillPoint::DraftFolder);
        let lock = folder.join(LOCK);
        let lock = FileLock::exclusive(&lock).map_err(CheckpointError::io("lock", &lock))?;
        Ok(Self {
            store: store.clone(),
            key,
            folder,
            lock: Some(lock),
            known: BTreeMap::new(),
        })
    }

    /// Returns the folder for the checkpoint's files: an absolute path, in the same file system as the store. Its files
    /// must be plain files with plain names. From [`commit`](Self::commit) on nothing may write to them. The path of
    /// the folder changes then: a reference to a file must use [`final_folder`](Self::final_folder).
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of the folder once it is a checkpoint.
    #[must_use]
    pub fn final_folder(&self) -> PathBuf {
        entry_folder(self.store.folder(), &self.key)
    }

    /// Returns the key of the checkpoint.
    #[must_use]
    pub fn key(&self) -> CheckpointKey {
        self.key
    }

    /// Takes the checksum of a file from [`copy_sparse`](super::copy_sparse), so that the file is not read again.
    pub fn note_checksum(&mut self, name: &str, checksum: Checksum) {
        self.known.insert(name.to_owned(), checksum);
    }

    /// Syncs everything to disk and makes it a checkpoint. Then removes others if the store is beyond its limit.
    ///
    /// # Errors
    /// When a file in the folder is not a plain file, the parent is gone, or the disk fails. Nothing becomes visible
    /// then, and the draft is removed.
    pub fn commit(mut self, facts: CheckpointFacts) -> Result<Lease, CheckpointError> {
        let parent = facts.parent;
        let note = CheckpointNote {
            schema: SCHEMA,
            key: self.key,
            facts,
            files: self.sync_files()?,
        };
        note.write(&self.folder)
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(CheckpointError::io("write the note in", &self.folder))?;
        pass(KillPoint::NoteWritten);
        let guard = self.store.lock()?;
        let parent = parent
            .map(|parent| self.lease_of_parent(parent))
            .transpose()?;
        let lease = self.publish(note, parent)?;
        pass(KillPoint::Renamed);
        drop(guard);
        let store = self.store.folder();
        File::open(store)
            .and_then(|folder| folder.sync_all())
            .map_err(CheckpointError::io("write", store))?;
        // The checkpoint is there. The next draft tries again to remove others, and reports its failure.
        let _ = self.store.keep_limit();
        Ok(lease)
    }

    fn publish(
        &mut self,
        note: CheckpointNote,
        parent: Option<Lease>,
    ) -> Result<Lease, CheckpointError> {
        let folder = self.final_folder();
        fs::rename(&self.folder, &folder)
            .map_err(CheckpointError::io("rename a draft to", &folder))?;
        let lock = self.lock.take();
        if let Some(lock) = &lock {
            lock.share().map_err(CheckpointError::io("lock", &folder))?;
        }
        Ok(Lease::of_new(self.store.folder(), note, lock, parent))
    }

    fn lease_of_parent(&self, parent: CheckpointKey) -> Result<Lease, CheckpointError> {
        match Lease::take(self.store.folder(), &parent) {
            Ok(Some(lease)) => Ok(lease),
            Ok(None) | Err(CheckpointError::Damaged { .. }) => Err(CheckpointError::ParentGone {
                key: self.key,
                parent,
            }),
            Err(error) => Err(error),
        }
    }

    /// Computes the checksum of every file and syncs it to disk.
    fn sync_files(&self) -> Result<Vec<FileNote>, CheckpointError> {
        let mut notes = Vec::new();
        for (name, path) in self.files()? {
            let file = open_file(&path).map_err(CheckpointError::io("open", &path))?;
            let checksum = match self.known.get(&name) {
                Some(checksum) => *checksum,
                None => Checksum::of_file(&file).map_err(CheckpointError::io("read", &path))?,
            };
            file.sync_all()
                .map_err(CheckpointError::io("bring to disk", &path))?;
            pass(KillPoint::FilesSynced);
            let metadata = file
                .metadata()
                .map_err(CheckpointError::io("look at", &path))?;
            notes.push(FileNote {
                name,
                bytes: metadata.len(),
                stored: metadata.blocks() * 512,
                checksum,
            });
        }
        Ok(notes)
    }

    /// Returns the files by name.
    fn files(&self) -> Result<BTreeMap<String, PathBuf>, CheckpointError> {
        let unreadable = || CheckpointError::io("read", &self.folder);
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&self.folder).map_err(unreadable())? {
            let entry = entry.map_err(unreadable())?;
            if entry.file_name() == LOCK {
                continue;
            }
            let is_file = entry.file_type().map_err(unreadable())?.is_file();
            match entry.file_name().into_string() {
                Ok(name) if is_file && is_plain(&name) => {
                    files.insert(name, entry.path());
                }
                Ok(name) => {
                    return Err(CheckpointError::NotAFile {
                        key: self.key,
                        name,
                    });
                }
                Err(name) => {
                    return Err(CheckpointError::NotAFile {
                        key: self.key,
                        name: name.to_string_lossy().into_owned(),
                    });
                }
            }
        }
        Ok(files)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.lock.is_some() {
            let mut aside = SetAside::default();
            // If it cannot be removed now, the next process that opens the store removes it.
            let _ = aside.folder(self.store.folder(), &self.folder);
            let _ = aside.delete();
        }
    }
}
