//! The lock on the build of an image, between processes.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use tokio::time::sleep;

/// The time between two tries for a lock that another process holds. Linux does not announce when a file lock becomes
/// free. The only other way blocks a thread, and cannot be cancelled.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// The right to build the image of one name, among all processes that use the store. It also ends with the process.
#[derive(Debug)]
pub(super) struct BuildLock {
    _file: File,
}

impl BuildLock {
    /// Takes the lock `path`. Calls `on_wait` once if another process has it.
    ///
    /// The file stays when the lock is released. If it were removed, two processes could lock two files of one name.
    pub(super) async fn take(path: &Path, on_wait: impl FnOnce()) -> io::Result<Self> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        let mut on_wait = Some(on_wait);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => {
                    if let Some(on_wait) = on_wait.take() {
                        on_wait();
                    }
                    sleep(TRY_EVERY).await;
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}
