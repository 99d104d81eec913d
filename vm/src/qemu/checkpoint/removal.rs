//! Removes folders from the store: first by a rename, which hides them at once, then from the disk.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    CheckpointEntry, CheckpointError, CheckpointKey,
    entry::entry_folder,
    kill_point::{KillPoint, pass},
    lock::{FileLock, LOCK},
    names::{GONE, Name},
};

/// Folders that are hidden and still on disk. Any process may delete them at any time, so this needs no lock.
#[must_use]
#[derive(Debug, Default)]
pub(super) struct SetAside(Vec<PathBuf>);

impl SetAside {
    /// Hides checkpoints in the given order: children first. Needs the store's lock, exclusive.
    pub(super) fn entries(
        &mut self,
        store: &Path,
        keys: &[CheckpointKey],
    ) -> Result<(), CheckpointError> {
        for key in keys {
            self.folder(store, &entry_folder(store, key))?;
            pass(KillPoint::SetAside);
        }
        pass(KillPoint::AllSetAside);
        Ok(())
    }

    /// Hides one folder of the store. It may be missing.
    pub(super) fn folder(&mut self, store: &Path, folder: &Path) -> Result<(), CheckpointError> {
        let moved = match folder.symlink_metadata() {
            Ok(found) if found.is_dir() => move_aside(store, folder).map(|gone| self.0.push(gone)),
            // A symbolic link is removed, and its target stays.
            Ok(_) => fs::remove_file(folder),
            Err(error) => Err(error),
        };
        match moved {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(CheckpointError::io("remove", folder)(error))
            }
            _ => Ok(()),
        }
    }

    /// Removes the rest that killed processes have left: drafts that no process has locked, and interrupted removals.
    /// Needs the store's lock, exclusive, since a draft takes its lock under it.
    pub(super) fn leftovers(&mut self, store: &Path) -> Result<(), CheckpointError> {
        for (name, path) in Name::all(store).map_err(CheckpointError::io("read", store))? {
            match name {
                Name::Draft(_) if !is_live_draft(&path) => self.folder(store, &path)?,
                Name::Gone => self.0.push(path),
                Name::Draft(_) | Name::Entry(_) | Name::Other => {}
            }
        }
        Ok(())
    }

    /// Removes the folders from the disk. The store's lock must be released before, since gigabytes take their time.
    pub(super) fn delete(self) -> Result<(), CheckpointError> {
        self.0
            .iter()
            .try_for_each(|gone| delete(gone).map_err(CheckpointError::io("remove", gone)))
    }
}

/// Returns true if the maker of a draft lives. Needs the store's lock, exclusive.
pub(super) fn is_live_draft(folder: &Path) -> bool {
    // Never through a symbolic link: trying the lock makes its file.
    if !folder.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return false;
    }
    // The maker has taken the lock before this process could see the folder. A lock that cannot be tried belongs to no
    // process.
    FileLock::try_exclusive(&folder.join(LOCK)).is_ok_and(|lock| lock.is_none())
}

/// Returns a checkpoint and all that depend on it, children first.
pub(super) fn with_descendants(
    entries: &[CheckpointEntry],
    key: &CheckpointKey,
) -> Vec<CheckpointKey> {
    let mut found = vec![*key];
    let mut known = HashSet::from([*key]);
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        for entry in entries {
            if entry.parent() == Some(parent) && known.insert(entry.key) {
                found.push(entry.key);
            }
        }
        next += 1;
    }
    found.reverse();
    found
}

fn move_aside(store: &Path, folder: &Path) -> io::Result<PathBuf> {
    let gone = tempfile::Builder::new()
        .prefix(GONE)
        .tempdir_in(store)?
        .keep();
    // A folder replaces an empty one in one step.
    fs::rename(folder, &gone)?;
    Ok(gone)
}

fn delete(gone: &Path) -> io::Result<()> {
    loop {
        match fs::remove_dir_all(gone) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            // It was the empty folder that is being replaced.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            other => return other,
        }
    }
}
