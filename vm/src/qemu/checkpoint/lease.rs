//! The right to use a checkpoint.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    CheckpointError, CheckpointKey, CheckpointNote, Checksum, Damage, FileNote,
    entry::{ancestors, entry_folder, intact_note},
    lock::{FileLock, LOCK, open_file},
};

/// The right to use a checkpoint. While it exists, and its process, neither the checkpoint nor an ancestor of it is
/// removed.
///
/// Machines that read its files need it for as long as they run.
#[derive(Debug)]
pub struct Lease {
    store: PathBuf,
    folder: PathBuf,
    note: CheckpointNote,
    /// Parent first.
    ancestors: Vec<CheckpointNote>,
    /// Its own lock and those of its ancestors.
    locks: Vec<FileLock>,
}

impl Lease {
    /// Returns the checkpoint's folder, an absolute path.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the facts in its note.
    #[must_use]
    pub fn note(&self) -> &CheckpointNote {
        &self.note
    }

    /// Returns its key.
    #[must_use]
    pub fn key(&self) -> CheckpointKey {
        self.note.key
    }

    /// Reads every byte that a machine started from it may read: its files, and the `.qcow2` files of its ancestors.
    /// Uses all cores. Files in the page cache take about a tenth of a second per gigabyte of data.
    ///
    /// # Errors
    /// The first damage that is found.
    pub fn verify(&self) -> Result<(), Damage> {
        self.verify_own()?;
        for ancestor in &self.ancestors {
            let folder = entry_folder(&self.store, &ancestor.key);
            let disks = ancestor.files.iter().filter(|file| is_read_through(file));
            for file in disks {
                verify_file(&folder, file).map_err(|source| Damage::Ancestor {
                    ancestor: ancestor.key,
                    source: Box::new(source),
                })?;
            }
        }
        Ok(())
    }

    /// Reads its files as [`verify`](Self::verify) does, without the ancestors.
    pub(super) fn verify_own(&self) -> Result<(), Damage> {
        self.note
            .files
            .iter()
            .try_for_each(|file| verify_file(&self.folder, file))
    }

    /// Takes a lease, or returns `None` if there is no such checkpoint. Needs the store's lock, shared or exclusive.
    pub(super) fn take(store: &Path, key: &CheckpointKey) -> Result<Option<Self>, CheckpointError> {
        let folder = entry_folder(store, key);
        match folder.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CheckpointError::io("look at", &folder)(error)),
            Ok(_) => {}
        }
        let damaged = |source| CheckpointError::Damaged { key: *key, source };
        let note = intact_note(store, key).map_err(damaged)?;
        let ancestors = ancestors(store, &note).map_err(damaged)?;
        let mut lease = Self {
            store: store.to_owned(),
            folder,
            note,
            ancestors,
            locks: Vec::new(),
        };
        lease.locks = lease
            .lock_paths()
            .map(|path| FileLock::shared(&path).map_err(CheckpointError::io("lock", &path)))
            .collect::<Result<_, _>>()?;
        Ok(Some(lease))
    }

    /// Returns the lease of a checkpoint that was just made, with the lock of its maker. Needs the store's lock,
    /// exclusive.
    pub(super) fn of_new(
        store: &Path,
        note: CheckpointNote,
        lock: Option<FileLock>,
        parent: Option<Self>,
    ) -> Self {
        let (ancestors, mut locks) = match parent {
            Some(parent) => {
                let mut ancestors = parent.ancestors;
                ancestors.insert(0, parent.note);
                (ancestors, parent.locks)
            }
            None => (Vec::new(), Vec::new()),
        };
        locks.splice(0..0, lock);
        Self {
            store: store.to_owned(),
            folder: entry_folder(store, &note.key),
            note,
            ancestors,
            locks,
        }
    }

    /// Notes that it and its ancestors were used now.
    pub(super) fn touch(&self) -> Result<(), CheckpointError> {
        for (lock, path) in self.locks.iter().zip(self.lock_paths()) {
            lock.touch().map_err(CheckpointError::io("touch", &path))?;
        }
        Ok(())
    }

    fn lock_paths(&self) -> impl Iterator<Item = PathBuf> {
        std::iter::once(&self.note)
            .chain(&self.ancestors)
            .map(|note| entry_folder(&self.store, &note.key).join(LOCK))
    }
}

/// Returns true for a file that the disks of a child depend on. Memory, devices and firmware variables are complete in
/// each checkpoint.
fn is_read_through(file: &FileNote) -> bool {
    file.name.ends_with(".qcow2")
}

fn verify_file(folder: &Path, file: &FileNote) -> Result<(), Damage> {
    let name = || file.name.clone();
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => Damage::FileMissing { name: name() },
        _ => Damage::Unreadable {
            name: name(),
            source,
        },
    };
    let opened = open_file(&folder.join(&file.name)).map_err(unreadable)?;
    let found = opened.metadata().map_err(unreadable)?.len();
    if found != file.bytes {
        return Err(Damage::OtherSize {
            name: name(),
            found,
            expected: file.bytes,
        });
    }
    if Checksum::of_file(&opened).map_err(unreadable)? == file.checksum {
        Ok(())
    } else {
        Err(Damage::OtherBytes { name: name() })
    }
}
