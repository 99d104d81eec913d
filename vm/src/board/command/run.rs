//! Runs a program to its end, within a time limit.

use std::{
    io::{self, Read},
    os::unix::process::CommandExt,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::unix::pipe,
    time::timeout,
};

use super::{Ending, Process, Streams, Tail};
use crate::own_gaps;

/// The time after the end of a program in which its output must end as well. A program that it left running in the
/// background may hold the output open for ever.
const OUTPUT_ENDS: Duration = Duration::from_millis(500);

/// The time between two looks of a blocking caller.
const LOOK: Duration = Duration::from_millis(5);

/// The longest time for which a blocking caller waits for a program that it has killed.
const DEATH: Duration = Duration::from_secs(1);

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Its exit status, or the signal that ended it.
    pub(crate) status: ExitStatus,
    /// The end of its standard output.
    pub(crate) stdout: Tail,
    /// The end of its error output.
    pub(crate) stderr: Tail,
}

/// The reason why a program did not run to its end.
#[derive(Debug)]
pub(crate) enum RunError {
    /// It could not be started, or not be waited for.
    System(io::Error),
    /// It took longer than its limit. What it wrote until then.
    TookTooLong {
        /// The end of its standard output.
        stdout: Tail,
        /// The end of its error output.
        stderr: Tail,
    },
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// Runs a program to its end. Gives it `input` on stdin. Dropping the future ends it with its process group.
///
/// # Errors
/// See [`RunError`]. An exit status other than 0 is no error here.
pub(crate) async fn run(
    mut command: Command,
    input: Option<Vec<u8>>,
    limit: Duration,
) -> Result<Ran, RunError> {
    let stdin = if input.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let (mut stdout, mut stderr) = (Tail::default(), Tail::default());
    let work = async {
        let mut process = Process::start(command, Ending::Asked).await?;
        let Streams {
            stdin,
            stdout: out,
            stderr: err,
        } = process.streams()?;
        let streams = async {
            tokio::join!(
                write(stdin, input),
                read(out, &mut stdout),
                read(err, &mut stderr)
            )
        };
        tokio::pin!(streams);
        tokio::select! {
            status = process.ended() => {
                let _ = timeout(OUTPUT_ENDS, &mut streams).await;
                status
            }
            _ = &mut streams => process.ended().await,
        }
    };
    // In a box, because it is large, and is a part of many futures.
    let ended = own_gaps::within(limit, Box::pin(work)).await;
    match ended {
        Some(status) => Ok(Ran {
            status: status?,
            stdout,
            stderr,
        }),
        None => Err(RunError::TookTooLong { stdout, stderr }),
    }
}

async fn write(pipe: Option<pipe::Sender>, input: Option<Vec<u8>>) {
    if let (Some(mut pipe), Some(input)) = (pipe, input) {
        // A program may end, or close its stdin, without reading it.
        let _ = pipe.write_all(&input).await;
    }
}

async fn read(pipe: Option<pipe::Receiver>, tail: &mut Tail) {
    let Some(mut pipe) = pipe else { return };
    let mut buffer = vec![0; 16 * 1024];
    // After an error, the bytes until then count.
    while let Ok(length @ 1..) = pipe.read(&mut buffer).await {
        tail.push(&buffer[..length]);
    }
}

/// Runs a program to its end, for callers that cannot wait otherwise, such as `drop`. Returns its exit status and its
/// standard output. Ends it with its group if it takes longer than `limit`.
///
/// # Errors
/// When it cannot be started, or takes too long.
pub(crate) fn run_blocking(
    mut command: Command,
    limit: Duration,
) -> io::Result<(ExitStatus, String)> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0);
    let mut child = command.spawn()?;
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() >= limit {
            if let Some(group) = group {
                let _ = kill_process_group(group, Signal::KILL);
            }
            // One that a driver holds is left to the end of this process.
            let killed = Instant::now();
            while matches!(child.try_wait(), Ok(None)) && killed.elapsed() < DEATH {
                thread::sleep(LOOK);
            }
            return Err(io::ErrorKind::TimedOut.into());
        }
        thread::sleep(LOOK);
    };
    // More than this fills the pipe, and the program would have taken too long.
    let mut text = vec![0; 64 * 1024];
    let length = match &mut child.stdout {
        Some(stdout) => {
            // A program that it left running may hold the pipe open.
            rustix::io::ioctl_fionbio(&*stdout, true)?;
            match stdout.read(&mut text) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                read => read?,
            }
        }
        None => 0,
    };
    Ok((
        status,
        String::from_utf8_lossy(&text[..length]).into_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const MOMENT: Duration = Duration::from_millis(50);

    fn shell(line: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line]);
        command
    }

    #[tokio::test]
    async fn a_program_gets_its_input_and_gives_its_output() {
        let ran = run(
            shell("cat; echo err >&2; exit 3"),
            Some(b"in\n".to_vec()),
            MINUTE,
        );
        let ran = ran.await.unwrap();
        assert_eq!(ran.status.code(), Some(3));
        assert_eq!(
            (&*ran.stdout.text(), &*ran.stderr.text()),
            ("in\n", "err\n")
        );
    }

    #[tokio::test]
    async fn a_program_that_reads_nothing_does_not_hang() {
        let ran = run(shell("exec <&-; exit 0"), Some(vec![b'x'; 1 << 20]), MINUTE);
        assert!(ran.await.unwrap().status.success());
    }

    #[tokio::test]
    async fn a_program_that_writes_without_end_is_ended_at_its_limit() {
        let error = run(shell("yes garbage"), None, MOMENT).await.unwrap_err();
        let RunError::TookTooLong { stdout, .. } = error else {
            panic!("{error:?}");
        };
        assert!(stdout.text().len() <= 1 << 20);
    }

    #[tokio::test]
    async fn a_program_left_in_the_background_does_not_hold_the_caller() {
        let ran = run(shell("sleep 1000 & echo $!"), None, MINUTE)
            .await
            .unwrap();
        let left = ran
            .stdout
            .text()
            .trim()
            .parse()
            .ok()
            .and_then(Pid::from_raw)
            .unwrap();
        rustix::process::kill_process(left, Signal::KILL).unwrap();
    }

    #[test]
    fn a_blocking_caller_waits_no_longer_than_the_limit() {
        let (status, text) = run_blocking(shell("echo out; exit 4"), MINUTE).unwrap();
        assert_eq!((status.code(), &*text), (Some(4), "out\n"));
        // A program that is left in the background says nothing, and has the output.
        let (status, text) = run_blocking(shell("sleep 1 & exit 4"), MINUTE).unwrap();
        assert_eq!((status.code(), &*text), (Some(4), ""));
        let error = run_blocking(shell("sleep 1000 & wait"), MOMENT).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
