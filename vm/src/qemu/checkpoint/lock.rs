//! Locks of files: `flock`, which ends with its holder, however that ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    time::SystemTime,
};

use rustix::fs::OFlags;

/// A lock's name, in the store and in each checkpoint.
pub(super) const LOCK: &str = ".lock";

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(super) struct FileLock(File);

impl FileLock {
    /// Waits until nobody else has the lock `path`.
    pub(super) fn exclusive(path: &Path) -> io::Result<Self> {
        let file = open_lock(path)?;
        uninterrupted(|| file.lock())?;
        Ok(Self(file))
    }

    /// Waits until nobody has the lock `path` for himself alone.
    pub(super) fn shared(path: &Path) -> io::Result<Self> {
        let file = open_lock(path)?;
        uninterrupted(|| file.lock_shared())?;
        Ok(Self(file))
    }

    /// The lock `path`, or `None` when somebody has it.
    pub(super) fn try_exclusive(path: &Path) -> io::Result<Option<Self>> {
        let file = open_lock(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Lets others share it. Another process may take it in between, so this needs the store's lock.
    pub(super) fn share(&self) -> io::Result<()> {
        uninterrupted(|| self.0.lock_shared())
    }

    /// Notes that what is locked was used now.
    pub(super) fn touch(&self) -> io::Result<()> {
        self.0.set_modified(SystemTime::now())
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing alone would not do: a child that another thread is just starting may have the file open until
        // it executes its program, and the lock with it. Nothing can be done when it fails, and then closing ends
        // the lock a moment later.
        let _ = self.0.unlock();
    }
}

/// Opens a file of the store for reading; never through a symbolic link, and never waiting for a pipe.
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

/// Only the user may look into `folder`.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    let metadata = folder.metadata()?;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700))
}
