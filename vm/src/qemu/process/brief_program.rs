//! Runs programs such as `qemu-img`, which run for a moment. Each has a limit. A program that takes longer is ended
//! with all that it has started.

use std::{
    io::{self, Read},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::own_gaps;

/// The time between two checks whether a program has ended.
const LOOK: Duration = Duration::from_millis(5);

/// Runs a program to its end. Returns its output. Dropping the future ends it.
///
/// # Errors
/// When it cannot be started, or takes longer than `limit`. The error names the program and the next step.
pub(crate) async fn output(
    mut command: tokio::process::Command,
    limit: Duration,
) -> io::Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let shown = shown(command.as_std());
    let child = command.spawn()?;
    let pid = child.id();
    match own_gaps::within(limit, child.wait_with_output()).await {
        Some(output) => output,
        None => {
            end_group(pid);
            Err(took_too_long(&shown, limit))
        }
    }
}

/// Runs a program as [`output`] does, for callers that may block.
///
/// # Errors
/// The errors of [`output`].
pub(crate) fn output_blocking(mut command: Command, limit: Duration) -> io::Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let shown = shown(&command);
    let mut child = command.spawn()?;
    let streams = (child.stdout.take().map(all), child.stderr.take().map(all));
    let begun = Instant::now();
    let gaps_before = own_gaps::total(begun);
    let left = || {
        let now = Instant::now();
        let gaps = own_gaps::total(now).saturating_sub(gaps_before);
        (limit + gaps).saturating_sub(now - begun)
    };
    let ended = wait(&mut child, &left);
    // A program that leaves another one running leaves its streams open as well.
    let take = |stream: Option<Receiver<Vec<u8>>>| {
        stream.and_then(|stream| stream.recv_timeout(left().max(LOOK)).ok())
    };
    let (stdout, stderr) = (take(streams.0), take(streams.1));
    match (ended?, stdout, stderr) {
        (Some(status), Some(stdout), Some(stderr)) => Ok(Output {
            status,
            stdout,
            stderr,
        }),
        _ => {
            end_group(Some(child.id()));
            // It was killed.
            let _ = child.wait();
            Err(took_too_long(&shown, limit))
        }
    }
}

/// Returns its exit status. None if its time is over before.
fn wait(child: &mut Child, left: &impl Fn() -> Duration) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if left().is_zero() {
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

/// Returns everything that a stream has, once it has ended.
fn all(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // After an error, the bytes until then count. The caller may have gone.
        let _ = stream.read_to_end(&mut bytes);
        let _ = send.send(bytes);
    });
    receive
}

/// Ends a program that leads a group of its own, with all that it has started. The only possible error is that it has
/// ended.
fn end_group(pid: Option<u32>) {
    let pid = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    if let Some(pid) = pid {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

fn took_too_long(shown: &str, limit: Duration) -> io::Error {
    let message = format!(
        "`{shown}` had not ended after {:?} and was killed; run it by hand to see what it waits for: the host may be \
        overloaded, or a disk or a network file system does not answer",
        limit
    );
    io::Error::new(io::ErrorKind::TimedOut, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const MOMENT: Duration = Duration::from_millis(50);

    /// A program that never ends, and has started another one that holds its output.
    const STUCK: [&str; 2] = ["-c", "sleep 1000 & echo begun; wait"];

    #[tokio::test]
    async fn a_program_that_takes_too_long_is_ended_and_named() {
        let mut command = tokio::process::Command::new("/bin/sh");
        command.args(STUCK);
        let error = output(command, MOMENT).await.unwrap_err().to_string();
        let expected = "`/bin/sh -c sleep 1000 & echo begun; wait` had not ended after 50ms and was killed; \
            run it by hand";
        assert!(error.starts_with(expected), "{error}");
        let mut command = Command::new("/bin/sh");
        command.args(STUCK);
        let blocking = output_blocking(command, MOMENT).unwrap_err().to_string();
        assert_eq!(blocking, error);
    }

    #[tokio::test]
    async fn a_program_in_time_gives_what_it_wrote() {
        let words = ["-c", "echo out; echo err >&2; exit 3"];
        let mut command = tokio::process::Command::new("/bin/sh");
        command.args(words);
        let output = output(command, MINUTE).await.unwrap();
        let mut command = Command::new("/bin/sh");
        command.args(words);
        let blocking = output_blocking(command, MINUTE).unwrap();
        for output in [output, blocking] {
            assert_eq!(output.status.code(), Some(3));
            assert_eq!(
                (&*output.stdout, &*output.stderr),
                (&b"out\n"[..], &b"err\n"[..])
            );
        }
        let missing = output_blocking(Command::new("/nowhere/x"), MINUTE).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
