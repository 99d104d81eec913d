//! Tells if a run goes on or was killed, by a file in its folder whose lock ends with the process.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the file. It exists from the beginning of a run to its end. If it exists and is not locked, the run was
/// killed.
const NAME: &str = ".running";

/// The mark of a run that goes on. It is dropped at the end of the run.
#[derive(Debug)]
pub(super) struct Running {
    file: File,
    path: PathBuf,
}

impl Running {
    /// Marks a folder that was just made; none if the file system has no locks. Then the disks of a killed run stay.
    pub(super) fn mark(folder: &Path) -> Option<Self> {
        // It is locked before it gets its name.
        let unnamed = folder.join(".running-new");
        let path = folder.join(NAME);
        let file = File::create_new(&unnamed).ok()?;
        if file.try_lock().is_ok() && fs::rename(&unnamed, &path).is_ok() {
            return Some(Self { file, path });
        }
        let _ = fs::remove_file(&unnamed); // Nothing looks for it.
        None
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // If the mark stays, the next run looks at this folder once more.
        let _ = fs::remove_file(&self.path);
        // Closing the file is not enough: a child that is just being started may still have it.
        let _ = self.file.unlock();
    }
}

/// Returns true if the run of this folder goes on, in any process. If that cannot be told, it returns false.
pub(crate) fn goes_on(folder: &Path) -> bool {
    let Ok(mark) = File::open(folder.join(NAME)) else {
        return false;
    };
    matches!(mark.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// The mark that a killed run left. It is locked, so that no other process clears the folder.
#[derive(Debug)]
pub(super) struct Killed {
    path: PathBuf,
    /// The file, locked for the lifetime of this value.
    _file: File,
}

impl Killed {
    /// Returns the mark; none if the run of this folder goes on, or has ended.
    ///
    /// # Errors
    /// When that cannot be told.
    pub(super) fn of(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(NAME);
        match path.symlink_metadata() {
            Ok(found) if found.is_file() => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
        let file = File::open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { path, _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Removes the mark, because the folder is cleared.
    ///
    /// # Errors
    /// When the mark cannot be removed.
    pub(super) fn cleared(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}
