//! Locks of files by `flock`, which end with the process that holds them.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    time::SystemTime,
};

use rustix::fs::OFlags;

/// The name of the lock file, in the store and in each checkpoint.
pub(super) const LOCK: &str = ".lock";

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(super) struct FileLock(File);

impl FileLock {
    /// Takes the lock `path` exclusive. Waits until no other process has it.
    pub(super) fn exclusive(path: &Path) -> io::Result<Self> {
        let file = open_lock(path)?;
        uninterrupted(|| file.lock())?;
        Ok(Self(file))
    }

    /// Takes the lock `path` shared. Waits until no other process has it exclusive.
    pub(super) fn shared(path: &Path) -> io::Result<Self> {
        let file = open_lock(path)?;
        uninterrupted(|| file.lock_shared())?;
        Ok(Self(file))
    }

    /// Takes the lock `path` exclusive, or returns `None` if another process has it.
    pub(super) fn try_exclusive(path: &Path) -> io::Result<Option<Self>> {
        let file = open_lock(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Shares the lock. Another process may take it during the change, so this needs the store's lock.
    pub(super) fn share(&self) -> io::Result<()> {
        uninterrupted(|| self.0.lock_shared())
    }

    /// Notes that the locked folder was used now.
    pub(super) fn touch(&self) -> io::Result<()> {
        self.0.set_modified(SystemTime::now())
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing alone is not enough. A child that another thread is starting may have the file open until it executes
        // its program, and would hold the lock until then. A failure has no remedy here; then closing ends the lock a
        // moment later.
        let _ = self.0.unlock();
    }
}

/// Opens a file of the store for reading. Never follows a symbolic link, and never waits for a pipe.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32)
        .open(path)
}

fn uninterrupted(mut lock: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    loop {
        match lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Lets only the user read `folder`.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    let metadata = folder.metadata()?;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700))
}
