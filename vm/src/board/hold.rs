//! The hold of a board on this host: of the runs that share a folder of locks, which is that of a user, at most one has
//! it.
//!
//! ```text
//! LOCKS/NAME.lock    locked (flock) while a run has the board; the kernel unlocks it when the run's process ends,
//!                    however it ends. Its text says who: for `qa board list`.
//! ```

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::fs::{FlockOperation, flock};
use tokio::time::{Instant, sleep};

use super::{BoardFault, FaultKind};

/// The time between two tries. The kernel tells nobody that a lock is free.
const AGAIN: Duration = Duration::from_millis(200);

/// A board that this process holds. Dropping it gives the board back.
#[derive(Debug)]
pub(crate) struct Hold {
    file: File,
}

/// The holder of a board, as its lock says.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Holder {
    /// The run.
    pub run: String,
    /// The process on this host.
    pub pid: u32,
    /// The time of the hold, in seconds since 1970.
    pub since: u64,
}

impl Hold {
    /// Takes the board `name`. Waits for at most `patience` while another run has it, and tells `on_wait` once who that
    /// is.
    ///
    /// # Errors
    /// [`FaultKind::Held`] if the wait was too long, [`FaultKind::Refused`] if the lock cannot be made.
    pub(crate) async fn take(
        locks: &Path,
        name: &str,
        run: &str,
        patience: Duration,
        on_wait: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Self, BoardFault> {
        let path = path_of(locks, name);
        let unusable = |error: io::Error| {
            let words = format!("the lock {} cannot be made: {error}", path.display());
            BoardFault::new(FaultKind::Refused, words)
        };
        fs::create_dir_all(locks).map_err(unusable)?;
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(unusable)?;
        let begun = Instant::now();
        let mut told = false;
        let mut is_first = true;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => {}
                Err(error) => return Err(unusable(error.into())),
            }
            let holder = read(&mut file).map_or_else(
                || "another run".to_owned(),
                |holder| format!("the run {} (process {})", holder.run, holder.pid),
            );
            // Whoever only looks who has the board has its lock for a moment.
            if begun.elapsed() >= patience && !is_first {
                let words = format!("{holder} has the board `{name}`");
                return Err(BoardFault::new(FaultKind::Held, words)
                    .advice("wait until that run has ended, or run on another board"));
            }
            is_first = false;
            if !told && begun.elapsed() < patience {
                told = true;
                on_wait(&holder);
            }
            sleep(AGAIN).await;
        }
        let holder = Holder {
            run: run.to_owned(),
            pid: std::process::id(),
            since: now(),
        };
        write(&mut file, &holder).map_err(unusable)?;
        Ok(Self { file })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // The text goes first: whoever has the lock next writes its own. A text that stays does no harm, since only
        // the lock counts.
        let _ = self.file.set_len(0);
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

/// Returns the holder of a board on this host. None if no run has it.
///
/// # Errors
/// The lock cannot be read.
pub fn holder(locks: &Path, name: &str) -> io::Result<Option<Holder>> {
    let path = path_of(locks, name);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(None),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(read(&mut file).or_else(|| {
            Some(Holder {
                run: "unknown".to_owned(),
                pid: 0,
                since: 0,
            })
        })),
        Err(error) => Err(error.into()),
    }
}

fn path_of(locks: &Path, name: &str) -> PathBuf {
    locks.join(format!("{name}.lock"))
}

fn read(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write(file: &mut File, holder: &Holder) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(serde_json::to_string(holder)?.as_bytes())
}

/// Returns the seconds since 1970.
fn now() -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    since.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn nobody(_: &str) {}

    fn never(holder: &str) {
        panic!("it waits for {holder}");
    }

    #[tokio::test]
    async fn a_board_has_one_holder_and_its_lock_says_who() {
        let folder = tempfile::tempdir().unwrap();
        let take = |patience| Hold::take(folder.path(), "mars", "run-1", patience, &nobody);
        assert_eq!(holder(folder.path(), "mars").unwrap(), None);
        let first = take(Duration::ZERO).await.unwrap();
        let held = holder(folder.path(), "mars").unwrap().unwrap();
        assert_eq!((held.run.as_str(), held.pid), ("run-1", std::process::id()));
        let fault = take(Duration::ZERO).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Held);
        assert!(fault.words.contains("run-1"), "{fault}");
        drop(first);
        assert_eq!(holder(folder.path(), "mars").unwrap(), None);
        take(Duration::ZERO).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_looks_who_has_the_board_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let take = || Hold::take(folder.path(), "mars", "run-1", Duration::ZERO, &never);
        drop(take().await.unwrap());
        let look = File::open(path_of(folder.path(), "mars")).unwrap();
        flock(&look, FlockOperation::NonBlockingLockShared).unwrap();
        let looked = async { drop(look) };
        let (taken, ()) = tokio::join!(take(), looked);
        taken.unwrap();
    }

    #[tokio::test]
    async fn a_second_run_waits_until_the_first_has_ended_and_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let first = Hold::take(folder.path(), "mars", "run-1", Duration::ZERO, &nobody);
        let first = first.await.unwrap();
        let said = Mutex::new(Vec::new());
        let (waits, waited) = tokio::sync::oneshot::channel();
        let waits = Mutex::new(Some(waits));
        let on_wait = |holder: &str| {
            said.lock().unwrap().push(holder.to_owned());
            if let Some(waits) = waits.lock().unwrap().take() {
                let _ = waits.send(());
            }
        };
        let long = Duration::from_secs(60);
        let second = Hold::take(folder.path(), "mars", "run-2", long, &on_wait);
        let free = async {
            waited.await.unwrap();
            drop(first);
        };
        let (second, ()) = tokio::join!(second, free);
        drop(second.unwrap());
        assert_eq!(said.lock().unwrap().len(), 1);
    }
}
