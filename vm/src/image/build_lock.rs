use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use tokio::time::sleep;

/// The time between two tries for a lock that another process holds. Linux tells nobody when a file lock becomes free,
/// other than by blocking a thread in a way that cannot be cancelled.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// The right to build the image of one name, among all processes that use the store. It ends with the process, too.
#[derive(Debug)]
pub(super) struct BuildLock {
    _file: File,
}

impl BuildLock {
    /// Takes the lock `path`; calls `on_wait` once when another has it.
    ///
    /// The file stays when the lock is given back: to remove it would let two processes lock two files of one name.
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
