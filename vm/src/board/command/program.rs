//! A program that gives its output for as long as it is used, and whose last words tell why it ended.

use std::{
    io,
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{io::AsyncReadExt, net::unix::pipe, task::JoinHandle, time::timeout};

use super::{
    Tail, last_lines,
    process::{Ending, Process},
};

/// The longest wait for the end of the error output after the program was killed. A program that left the group may
/// hold it open.
const WORDS: Duration = Duration::from_secs(1);

/// A running program. It is killed with its value, together with all that it has started.
#[derive(Debug)]
pub(crate) struct Program {
    process: Process,
    said: Arc<Mutex<Tail>>,
    listener: JoinHandle<()>,
}

impl Program {
    /// Starts a program without input. Returns it with its output.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) async fn start(mut command: Command) -> io::Result<(Self, pipe::Receiver)> {
        command.stdin(Stdio::null());
        let (program, _, stdout) = Self::begin(command).await?;
        Ok((program, stdout))
    }

    /// Starts a program. Returns it with its input and its output.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) async fn start_with_input(
        mut command: Command,
    ) -> io::Result<(Self, pipe::Sender, pipe::Receiver)> {
        command.stdin(Stdio::piped());
        let (program, stdin, stdout) = Self::begin(command).await?;
        let missing = || io::Error::other("the program has no input");
        Ok((program, stdin.ok_or_else(missing)?, stdout))
    }

    async fn begin(
        mut command: Command,
    ) -> io::Result<(Self, Option<pipe::Sender>, pipe::Receiver)> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Process::start(command, Ending::Killed).await?;
        let streams = process.streams()?;
        let missing = || io::Error::other("the program has no output");
        let stdout = streams.stdout.ok_or_else(missing)?;
        let stderr = streams.stderr.ok_or_else(missing)?;
        let said = Arc::new(Mutex::new(Tail::default()));
        let program = Self {
            process,
            listener: tokio::spawn(listen(stderr, Arc::clone(&said))),
            said,
        };
        Ok((program, streams.stdin, stdout))
    }

    /// Waits until the program has ended. Ends all that it has started. Can be dropped and called again.
    ///
    /// # Errors
    /// When the program cannot be watched.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.process.ended_with_all().await
    }

    /// Returns true if the program has ended by now.
    pub(crate) fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// Ends the program, and returns the last lines of its error output. Empty if there are none.
    pub(crate) async fn last_words(&mut self) -> String {
        self.process.kill();
        if !self.listener.is_finished() {
            let _ = timeout(WORDS, &mut self.listener).await;
        }
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        last_lines(&said.text())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn listen(mut stderr: pipe::Receiver, said: Arc<Mutex<Tail>>) {
    let mut bytes = [0; 1024];
    // After an error, the words until then count.
    while let Ok(length @ 1..) = stderr.read(&mut bytes).await {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.push(&bytes[..length]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(line: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line]);
        command
    }

    #[tokio::test]
    async fn a_program_ends_with_its_value_and_with_all_that_it_started() {
        let (program, mut stdout) = Program::start(shell("sleep 1000 & echo up; wait"))
            .await
            .unwrap();
        let mut buffer = [0; 3];
        stdout.read_exact(&mut buffer).await.unwrap();
        assert!(!program.has_ended());
        drop(program);
        // The output ends when nobody has it any more.
        assert_eq!(stdout.read(&mut buffer).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn the_end_of_a_program_ends_those_that_it_left() {
        let (mut program, mut stdout) =
            Program::start(shell("sleep 1000 & echo oh no >&2; exit 3"))
                .await
                .unwrap();
        assert_eq!(program.ended().await.unwrap().code(), Some(3));
        assert!(program.has_ended());
        assert_eq!(stdout.read(&mut [0]).await.unwrap(), 0);
        for _ in 0..2 {
            assert_eq!(program.last_words().await, "oh no");
        }
    }
}
