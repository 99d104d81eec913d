//! The process of a QEMU: starts, watches and ends it.

use std::{
    io,
    os::{
        fd::{OwnedFd, RawFd},
        unix::process::ExitStatusExt,
    },
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, pidfd_send_signal};
use tokio::{
    io::{AsyncReadExt, unix::AsyncFd},
    net::unix::pipe,
    task::JoinHandle,
    time::timeout,
};

use super::spawner;
use crate::{
    clean_environment::clean,
    process_setup,
    qemu::qmp::{Direction, QmpLog},
};

/// The bytes of stderr that are kept.
const TAIL: usize = 16 << 10;

/// The longest time that a killed process may take to end. Only one that waits for a disk takes any time.
const DEATH: Duration = Duration::from_secs(5);

/// A QEMU process. Dropping it kills and reaps it.
#[derive(Debug)]
pub(crate) struct QemuProcess {
    child: SharedChild,
    pid: u32,
    pidfd: AsyncFd<OwnedFd>,
    stderr: StderrTail,
    // Taken when the process has ended and its whole output was read.
    reader: Option<JoinHandle<()>>,
}

/// The child. It is shared with everyone who may have to end it, and locked for moments only.
type SharedChild = Arc<Mutex<Child>>;

/// Ends a process from outside of the task that owns it.
#[derive(Debug)]
pub(crate) struct Killer {
    child: SharedChild,
    pidfd: OwnedFd,
}

/// The end of a process.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    /// None if the kernel did not tell.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stderr_tail: String,
}

impl Ended {
    /// Returns the exit status. A process without a known status counts as killed.
    pub(crate) fn exit_status(&self) -> ExitStatus {
        self.status
            .unwrap_or_else(|| ExitStatus::from_raw(Signal::KILL.as_raw()))
    }
}

/// The end of a process's output on stderr.
#[derive(Debug, Clone, Default)]
struct StderrTail {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl StderrTail {
    fn push(&self, bytes: &[u8]) {
        let mut tail = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend_from_slice(bytes);
        let surplus = tail.len().saturating_sub(TAIL);
        tail.drain(..surplus);
    }

    fn text(&self) -> String {
        let tail = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&tail).trim_end().to_owned()
    }
}

impl QemuProcess {
    /// Starts a process that inherits the descriptors `inherited` under their numbers. They must stay open until it has
    /// started.
    pub(crate) async fn start(
        mut command: Command,
        inherited: Vec<RawFd>,
        log: QmpLog,
    ) -> io::Result<Self> {
        clean(&mut command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        process_setup::prepare(&mut command, inherited);
        let mut child = Unwatched(Some(spawner::spawn(command).await?));
        let pipe = child.0.as_mut().and_then(|child| child.stderr.take());
        let pidfd = process_setup::watch(child.pid()?)?;
        let stderr = StderrTail::default();
        let reader = match pipe {
            Some(pipe) => {
                let pipe = pipe::Receiver::from_owned_fd(OwnedFd::from(pipe))?;
                Some(tokio::spawn(read_stderr(pipe, stderr.clone(), log)))
            }
            None => None,
        };
        let child = child
            .0
            .take()
            .ok_or_else(|| io::Error::other("no process"))?;
        Ok(Self {
            pid: child.id(),
            child: Arc::new(Mutex::new(child)),
            pidfd,
            stderr,
            reader,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns a handle that ends the process from elsewhere.
    pub(crate) fn killer(&self) -> io::Result<Killer> {
        Ok(Killer {
            child: Arc::clone(&self.child),
            pidfd: self.pidfd.get_ref().try_clone()?,
        })
    }

    /// Waits for the end. Can be dropped and called again.
    pub(crate) async fn ended(&mut self) -> Ended {
        // The descriptor is readable from the end of the process on. An error means that the runtime ends, and then
        // `drop` reaps.
        let _ = self.pidfd.readable().await.map(drop);
        let status = lock(&self.child).try_wait().ok().flatten();
        if let Some(reader) = &mut self.reader {
            // The pipe ends with the process, which has no children. The limit is for a descriptor that leaked.
            let _ = timeout(Duration::from_secs(1), reader).await;
            self.reader = None;
        }
        Ended {
            status,
            stderr_tail: self.stderr.text(),
        }
    }
}

impl Killer {
    /// Sends a signal. The only possible error is that the process has ended, which is the purpose of signals here.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = pidfd_send_signal(&self.pidfd, signal);
    }

    /// Kills the process and waits until it is gone: milliseconds, with a limit. Blocks.
    pub(crate) fn kill_and_reap(&self) {
        reap(&mut lock(&self.child));
    }
}

/// `Child` stores its exit status in one step: a panic of another holder cannot have left it half done.
fn lock(child: &SharedChild) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for QemuProcess {
    fn drop(&mut self) {
        reap(&mut lock(&self.child));
    }
}

/// A child that was started and is not watched yet.
struct Unwatched(Option<Child>);

impl Unwatched {
    fn pid(&self) -> io::Result<Pid> {
        self.0
            .as_ref()
            .and_then(|child| Pid::from_raw(i32::try_from(child.id()).ok()?))
            .ok_or_else(|| io::Error::other("no process id"))
    }
}

impl Drop for Unwatched {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            reap(child);
        }
    }
}

/// Kills a child and waits until it is gone.
pub(super) fn reap(child: &mut Child) {
    // Errors mean that it has ended, or cannot be waited for. Neither has a remedy.
    let _ = child.kill();
    let begin = Instant::now();
    while matches!(child.try_wait(), Ok(None)) && begin.elapsed() < DEATH {
        std::thread::sleep(Duration::from_millis(2));
    }
}

async fn read_stderr(mut pipe: pipe::Receiver, tail: StderrTail, log: QmpLog) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = pipe.read(&mut buffer).await {
        let bytes = &buffer[..length];
        tail.push(bytes);
        for line in String::from_utf8_lossy(bytes).lines() {
            log.write(
                Direction::Remark,
                format_args!("stderr: {}", line.escape_debug()),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    async fn start(script: &str) -> QemuProcess {
        QemuProcess::start(shell(script), Vec::new(), QmpLog::nowhere())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn the_end_tells_status_and_last_words() {
        let mut process = start("echo no such device >&2; exit 3").await;
        let ended = process.ended().await;
        assert_eq!(ended.status.unwrap().code(), Some(3));
        assert_eq!(ended.stderr_tail, "no such device");
        assert_eq!(process.ended().await.stderr_tail, "no such device");
    }

    #[tokio::test]
    async fn only_the_end_of_stderr_is_kept() {
        let mut process = start("head -c 100000 /dev/zero | tr '\\0' x >&2; echo last >&2").await;
        let tail = process.ended().await.stderr_tail;
        assert!(tail.len() <= TAIL && tail.ends_with("xlast"));
    }

    #[tokio::test]
    async fn a_signal_reaches_it() {
        let mut process = start("exec sleep 1000").await;
        process.killer().unwrap().signal(Signal::KILL);
        assert_eq!(process.ended().await.status.unwrap().signal(), Some(9));
    }

    #[tokio::test]
    async fn dropping_it_leaves_no_process() {
        let process = start("exec sleep 1000").await;
        let folder = format!("/proc/{}", process.pid());
        assert!(std::fs::exists(&folder).unwrap());
        drop(process);
        assert!(!std::fs::exists(&folder).unwrap());
    }

    #[tokio::test]
    async fn a_killer_leaves_no_process_and_its_owner_learns_how_it_ended() {
        let mut process = start("exec sleep 1000").await;
        let folder = format!("/proc/{}", process.pid());
        process.killer().unwrap().kill_and_reap();
        assert!(!std::fs::exists(&folder).unwrap());
        assert_eq!(process.ended().await.status.unwrap().signal(), Some(9));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error() {
        let command = Command::new("/nowhere/qemu");
        let error = QemuProcess::start(command, Vec::new(), QmpLog::nowhere())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
