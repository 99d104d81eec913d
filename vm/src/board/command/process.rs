//! A program that leads a process group, and ends with its value.

use std::{
    io,
    os::fd::OwnedFd,
    process::{Child, Command, ExitStatus},
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
};
use tokio::{io::unix::AsyncFd, net::unix::pipe, sync::watch};

use super::keeper;
use crate::{process_setup, qemu::process::spawn};

/// The time that a group has to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(2);

/// The longest time that a killed program is waited for. A program that a driver holds takes longer, and is left to
/// the end of this process.
const DEATH: Duration = Duration::from_secs(1);

/// The time between two checks whether a group has ended.
const LOOK: Duration = Duration::from_millis(5);

/// The longest wait for groups that were asked to end. A program that a driver holds is not waited for any longer.
const ALL_ENDED: Duration = Duration::from_secs(4);

/// The number of groups that were asked to end, and have not ended.
static ENDING: LazyLock<watch::Sender<usize>> = LazyLock::new(|| watch::Sender::new(0));

/// Counts one group that was asked to end, while it lives.
struct Counted;

impl Counted {
    fn new() -> Self {
        ENDING.send_modify(|count| *count += 1);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ENDING.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// Waits until each program of this process that was asked to end has ended: at most 4 s.
pub(crate) async fn all_ended() {
    let mut ending = ENDING.subscribe();
    let none = ending.wait_for(|count| *count == 0);
    // After the limit, it is for the caller to go on beside what does not end.
    drop(tokio::time::timeout(ALL_ENDED, none).await);
}

/// The way in which a group ends with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By SIGTERM, so that it can clean up, and by SIGKILL after 2 s. The value does not wait for that.
    Asked,
    /// By SIGKILL. What the program holds, such as a device, is free when the value is gone.
    Killed,
}

/// A running program. Dropping it ends its whole process group. The group also ends when this process dies.
#[derive(Debug)]
pub(crate) struct Process {
    /// None when it has ended.
    child: Option<Child>,
    pid: Pid,
    /// None until it is watched.
    pidfd: Option<AsyncFd<OwnedFd>>,
    ending: Ending,
}

/// The ends of the streams of a program that were piped.
#[derive(Debug)]
pub(crate) struct Streams {
    pub(crate) stdin: Option<pipe::Sender>,
    pub(crate) stdout: Option<pipe::Receiver>,
    pub(crate) stderr: Option<pipe::Receiver>,
}

impl Process {
    /// Starts a program with the streams that `command` names.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) async fn start(mut command: Command, ending: Ending) -> io::Result<Self> {
        process_setup::prepare(&mut command, Vec::new());
        let child = spawn(command).await?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other("no process id"))?;
        keeper::watch(pid);
        let mut process = Self {
            child: Some(child),
            pid,
            pidfd: None,
            ending,
        };
        process.pidfd = Some(process_setup::watch(pid)?);
        Ok(process)
    }

    /// Takes the streams that were piped.
    ///
    /// # Errors
    /// When the runtime cannot watch them.
    pub(crate) fn streams(&mut self) -> io::Result<Streams> {
        let (stdin, stdout, stderr) = match &mut self.child {
            Some(child) => (child.stdin.take(), child.stdout.take(), child.stderr.take()),
            None => (None, None, None),
        };
        let sender = |pipe| pipe::Sender::from_owned_fd(pipe);
        let receiver = |pipe| pipe::Receiver::from_owned_fd(pipe);
        Ok(Streams {
            stdin: stdin.map(OwnedFd::from).map(sender).transpose()?,
            stdout: stdout.map(OwnedFd::from).map(receiver).transpose()?,
            stderr: stderr.map(OwnedFd::from).map(receiver).transpose()?,
        })
    }

    /// Waits until the program has ended. Leaves alone other programs of its group. Can be dropped and called again.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.until_end().await?;
        self.status()
    }

    /// Waits until the program has ended, and kills all that it has started. Can be dropped and called again.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub(crate) async fn ended_with_all(&mut self) -> io::Result<ExitStatus> {
        self.until_end().await?;
        // Until the program is waited for, no other process can get its number.
        self.kill();
        self.status()
    }

    /// Returns true if the program has ended by now.
    pub(crate) fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        // It is not taken note of: its number must stay its own as long as its group may be killed.
        let looked = || waitid(WaitId::Pid(self.pid), options);
        self.child.is_none() || !matches!(looked(), Ok(None))
    }

    async fn until_end(&self) -> io::Result<()> {
        if let Some(pidfd) = &self.pidfd {
            // The descriptor is readable from the end of the process on.
            pidfd.readable().await?.retain_ready();
        }
        Ok(())
    }

    fn status(&mut self) -> io::Result<ExitStatus> {
        let gone = || io::Error::other("it has ended before");
        let status = self.child.as_mut().ok_or_else(gone)?.wait()?;
        keeper::forget(self.pid);
        self.child = None;
        Ok(status)
    }

    /// Kills the group at once.
    pub(crate) fn kill(&self) {
        if self.child.is_some() {
            // An error means that it has ended.
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let Some(child) = self.child.take() else {
            return;
        };
        match self.ending {
            Ending::Asked => end_asked(child, self.pid),
            Ending::Killed => end_killed(child, self.pid),
        }
    }
}

fn end_asked(mut child: Child, group: Pid) {
    let counted = Counted::new();
    // Errors mean that the group has ended.
    let _ = kill_process_group(group, Signal::TERM);
    let ender = thread::Builder::new().name("command-end".to_owned());
    let ended = ender.spawn(move || {
        let begun = Instant::now();
        // Until the child is waited for, no other process can get its number.
        while begun.elapsed() < GRACE && has_members(&mut child, group) {
            thread::sleep(LOOK);
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = child.wait();
        keeper::forget(group);
        drop(counted);
    });
    if ended.is_err() {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

fn end_killed(mut child: Child, group: Pid) {
    // An error means that the group has ended.
    let _ = kill_process_group(group, Signal::KILL);
    let begun = Instant::now();
    while matches!(child.try_wait(), Ok(None)) && begun.elapsed() < DEATH {
        thread::sleep(Duration::from_millis(1));
    }
    keeper::forget(group);
}

/// Returns true if a program of the group still runs.
fn has_members(leader: &mut Child, group: Pid) -> bool {
    // A leader that has ended and is not waited for would count as a member.
    matches!(leader.try_wait(), Ok(None)) || test_kill_process_group(group).is_ok()
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn shell(line: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", line])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        command
    }

    /// Reads until every program that holds the pipe has ended.
    async fn read_to_end(mut stdout: pipe::Receiver) -> String {
        let mut text = String::new();
        stdout.read_to_string(&mut text).await.unwrap();
        text
    }

    async fn started(line: &str, ending: Ending) -> (Process, pipe::Receiver) {
        let mut process = Process::start(shell(line), ending).await.unwrap();
        let mut stdout = process.streams().unwrap().stdout.unwrap();
        let mut first = [0; 6];
        stdout.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"begun\n");
        (process, stdout)
    }

    #[tokio::test]
    async fn the_whole_group_ends_with_the_value() {
        for ending in [Ending::Asked, Ending::Killed] {
            let (process, stdout) = started("sleep 1000 & echo begun; wait", ending).await;
            drop(process);
            assert_eq!(read_to_end(stdout).await, "");
        }
    }

    #[tokio::test]
    async fn a_program_may_clean_up_before_it_ends() {
        let line = "trap 'echo off; exit 0' TERM; echo begun; while :; do sleep 0.01; done";
        for (ending, said) in [(Ending::Asked, "off\n"), (Ending::Killed, "")] {
            let (process, stdout) = started(line, ending).await;
            drop(process);
            assert_eq!(read_to_end(stdout).await, said);
        }
    }

    #[tokio::test]
    async fn a_program_that_was_given_up_is_waited_for_until_it_has_ended() {
        let line = "trap 'echo off; exit 0' TERM; echo begun; while :; do sleep 0.01; done";
        let (process, stdout) = started(line, Ending::Asked).await;
        let pid = process.pid;
        drop(process);
        all_ended().await;
        // Nothing is left of it, not even its number.
        assert!(test_kill_process_group(pid).is_err());
        assert_eq!(read_to_end(stdout).await, "off\n");
    }

    #[tokio::test]
    async fn a_program_that_ends_by_itself_leaves_others_alone() {
        // A program in the background gets no stdin, unless it is given one.
        let mut command = shell("exec 3<&0; (read line <&3; echo still here) & exit 3");
        command.stdin(Stdio::piped());
        let mut process = Process::start(command, Ending::Asked).await.unwrap();
        let Streams { stdin, stdout, .. } = process.streams().unwrap();
        assert_eq!(process.ended().await.unwrap().code(), Some(3));
        assert!(process.ended().await.is_err());
        stdin.unwrap().write_all(b"go on\n").await.unwrap();
        assert_eq!(read_to_end(stdout.unwrap()).await, "still here\n");
    }

    #[tokio::test]
    async fn the_end_of_a_program_ends_those_that_it_left_if_wanted() {
        let (mut process, stdout) = started("sleep 1000 & echo begun; exit 3", Ending::Asked).await;
        assert_eq!(process.ended_with_all().await.unwrap().code(), Some(3));
        assert_eq!(read_to_end(stdout).await, "");
    }

    #[tokio::test]
    async fn a_missing_program_is_an_error() {
        let error = Process::start(Command::new("/nowhere/x"), Ending::Asked)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
