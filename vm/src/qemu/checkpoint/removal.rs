//! Taking things out of the store: first out of sight by one rename, then off the disk.

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

/// What is out of sight and still on disk. Anyone may delete it at any time, so this needs no lock.
#[must_use]
#[derive(Debug, Default)]
pub(super) struct SetAside(Vec<PathBuf>);

impl SetAside {
    /// Takes checkpoints out of sight, in the order given: children first. Needs the store's lock, exclusive.
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

    /// Takes one folder of the store out of sight. It need not be there.
    pub(super) fn folder(&mut self, store: &Path, folder: &Path) -> Result<(), CheckpointError> {
        let moved = match folder.symlink_metadata() {
            Ok(found) if found.is_dir() => move_aside(store, folder).map(|gone| self.0.push(gone)),
            // A symbolic link goes, what it leads to stays.
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

    /// Removes what killed processes left: drafts whose lock nobody has, and what was being removed. Needs the store's
    /// lock, exclusive: a draft gets its lock under it.
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

    /// Removes it from the disk. Give back the store's lock before: gigabytes take their time.
    pub(super) fn delete(self) -> Result<(), CheckpointError> {
        self.0
            .iter()
            .try_for_each(|gone| delete(gone).map_err(CheckpointError::io("remove", gone)))
    }
}

/// Whether the maker of a draft lives. Needs the store's lock, exclusive.
pub(super) fn is_live_draft(folder: &Path) -> bool {
    // Never through a symbolic link: trying the lock makes its file.
    if !folder.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return false;
    }
    // Its maker has the lock since before this process could look. A lock that cannot even be tried is nobody's.
    FileLock::try_exclusive(&folder.join(LOCK)).is_ok_and(|lock| lock.is_none())
}

/// A checkpoint and all that read through to it, children first.
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
    // A folder takes the place of an empty one in one step.
    fs::rename(folder, &gone)?;
    Ok(gone)
}

fn delete(gone: &Path) -> io::Result<()> {
    loop {
        match fs::remove_dir_all(gone) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            // It was the empty folder a moment ago that something is moved over.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            other => return other,
        }
    }
}
