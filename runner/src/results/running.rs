//! Tells a run that goes on from one that was killed: a file in its folder, whose lock ends with the process.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The file's name. It is there from the beginning of a run to its end, so one that is there and that nobody has locked
/// is of a run that was killed.
const NAME: &str = ".running";

/// The mark of a run that goes on; dropped when the run is at its end.
#[derive(Debug)]
pub(super) struct Running {
    file: File,
    path: PathBuf,
}

impl Running {
    /// Marks a folder that was just made. None where there cannot be such a lock: what is left there when
    /// the run is killed stays.
    pub(super) fn mark(folder: &Path) -> Option<Self> {
        // It has its lock before it has its name.
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
        // A mark that stays costs the next run a look at this folder.
        let _ = fs::remove_file(&self.path);
        // Closing alone would leave the lock to a child that is just being started.
        let _ = self.file.unlock();
    }
}

/// Returns whether the run of this folder goes on, in whichever process. Where that cannot be told, it does not.
pub(crate) fn goes_on(folder: &Path) -> bool {
    let Ok(mark) = File::open(folder.join(NAME)) else {
        return false;
    };
    matches!(mark.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// The mark that a killed run left, while nobody else clears its folder.
#[derive(Debug)]
pub(super) struct Killed {
    path: PathBuf,
    /// Locked as long as this is there.
    _file: File,
}

impl Killed {
    /// None where the run of this folder goes on, or has come to its end.
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

    /// Its folder is cleared, and need not be looked at again.
    ///
    /// # Errors
    /// When the mark cannot be removed.
    pub(super) fn cleared(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}
