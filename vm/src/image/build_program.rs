//! The process of a build program: its process group, its output, its end.

use std::{
    io,
    os::fd::OwnedFd,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::{
    pipe::{PipeFlags, pipe_with},
    process::{Pid, Signal, kill_process_group},
};
use tokio::{
    io::{AsyncReadExt, unix::AsyncFd},
    net::unix::pipe,
    time::timeout,
};

use super::build_lines::BuildLines;
use crate::{process_setup, qemu::process::spawn};

/// The longest time that the pipe may stay open after every process of the group was killed. Only a process that has
/// left the group can hold it open.
const LINGER: Duration = Duration::from_secs(5);

/// A running build program. Dropping it kills every process of its group.
pub(super) struct BuildProgram {
    processes: Processes,
    exited: AsyncFd<OwnedFd>,
    output: pipe::Receiver,
}

impl BuildProgram {
    /// Starts `program` with the recipe's folder and the file to make.
    ///
    /// The program leads a process group of its own. It is killed when this process dies in any way.
    pub(super) async fn start(program: &Path, recipe: &Path, output: &Path) -> io::Result<Self> {
        // One pipe for stdout and stderr keeps their lines in order.
        let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
        let mut command = Command::new(program);
        command
            .arg(recipe)
            .arg(output)
            .stdin(Stdio::null())
            .stdout(write.try_clone()?)
            .stderr(write);
        process_setup::prepare(&mut command, Vec::new());
        let processes = Processes(spawn(command).await?);
        let exited = process_setup::watch(processes.leader()?)?;
        let output = pipe::Receiver::from_owned_fd(read)?;
        Ok(Self {
            processes,
            exited,
            output,
        })
    }

    /// Passes every line to `on_line` until the program has ended. Processes that it left running are ended as well.
    pub(super) async fn run(
        &mut self,
        lines: &mut BuildLines,
        mut on_line: impl FnMut(&str),
    ) -> io::Result<ExitStatus> {
        let mut chunk = vec![0; 16 << 10];
        loop {
            tokio::select! {
                // Output that was written before the end is read first.
                biased;
                read = self.output.read(&mut chunk) => match read? {
                    0 => break,
                    length => lines.take(&chunk[..length], &mut on_line),
                },
                ended = self.exited.readable() => {
                    drop(ended?);
                    self.processes.kill();
                    // Reads the rest, if another process of the group wrote while the leader ended.
                    while let Ok(Ok(length @ 1..)) = timeout(LINGER, self.output.read(&mut chunk)).await {
                        lines.take(&chunk[..length], &mut on_line);
                    }
                    break;
                }
            }
        }
        lines.finish(&mut on_line);
        // A program that has closed its output goes on without output.
        drop(self.exited.readable().await?);
        self.processes.kill();
        self.processes.0.wait()
    }

    /// Ends every process of the group, and returns when none of them writes any more.
    pub(super) async fn stop(mut self) {
        self.processes.kill();
        let mut chunk = vec![0; 16 << 10];
        while let Ok(Ok(1..)) = timeout(LINGER, self.output.read(&mut chunk)).await {}
    }
}

/// The program and the group it leads.
struct Processes(Child);

impl Processes {
    fn leader(&self) -> io::Result<Pid> {
        let leader = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        leader.ok_or_else(|| io::Error::other("the build program has no process number"))
    }

    /// Only before the leader is waited for: until then no other group gets this number.
    fn kill(&self) {
        if let Ok(group) = self.leader() {
            // An error means that no process is left.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // It was waited for: its number may belong to another process now.
        if !matches!(self.0.try_wait(), Ok(None)) {
            return;
        }
        self.kill();
        // Returns at once, since the process was killed. Without this the dead process would stay in the process table.
        let _ = self.0.wait();
    }
}
