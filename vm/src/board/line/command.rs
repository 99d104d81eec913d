//! A command whose standard input and output are the serial line.

use std::{
    io,
    path::Path,
    pin::Pin,
    process::{Command, ExitStatus},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    net::unix::pipe,
    time::timeout,
};

use super::stream::LineStream;
use crate::board::{BoardFault, FaultKind, command::Program};

/// The time in which a command that cannot work ends, usually: a program that is not there, a wrong option. A command
/// that ends later is told by its reader.
const FIRST_LOOK: Duration = Duration::from_millis(200);

/// The time for which the status of a command is waited for after its output has ended.
const STATUS: Duration = Duration::from_secs(1);

/// Returns the name of the line in messages.
pub(super) fn name(line: &str) -> String {
    let program = line.split_whitespace().next().unwrap_or_default();
    format!("the command `{program}` of the serial line")
}

/// Starts a command. Dropping the reading half ends it, with all that it has started. The caller limits the time.
pub(super) async fn open(line: &str, folder: Option<&Path>) -> Result<LineStream, BoardFault> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let started = Program::start_with_input(command).await;
    let (program, stdin, stdout) = started.map_err(|error| {
        let words = format!("{} could not be started: {error}", name(line));
        BoardFault::new(FaultKind::Refused, words)
    })?;
    let mut end = End {
        name: name(line),
        program,
    };
    if let Ok(Ok(status)) = timeout(FIRST_LOOK, end.program.ended()).await {
        return Err(end.fault(Some(status)).await);
    }
    let read = Output {
        stdout,
        end: Some(end),
        ending: None,
    };
    Ok(LineStream::new(read, stdin))
}

/// All that is needed to tell why a command ended.
struct End {
    name: String,
    program: Program,
}

impl End {
    /// Waits until the command has ended. Returns the reason.
    async fn told(mut self) -> BoardFault {
        let status = timeout(STATUS, self.program.ended()).await;
        self.fault(status.ok().and_then(Result::ok)).await
    }

    async fn fault(mut self, status: Option<ExitStatus>) -> BoardFault {
        let how = match status {
            Some(status) => format!("ended ({status})"),
            None => "closed its output".to_owned(),
        };
        let said = match self.program.last_words().await {
            said if said.is_empty() => said,
            said => format!(", and said: {said}"),
        };
        BoardFault::new(FaultKind::Refused, format!("{} {how}{said}", self.name))
            .advice("run the command by hand: it must run as long as the line is used")
    }
}

/// The output of a command. Its end is an error that tells why the command ended.
struct Output {
    stdout: pipe::Receiver,
    end: Option<End>,
    ending: Option<Pin<Box<dyn Future<Output = BoardFault> + Send>>>,
}

impl AsyncRead for Output {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ending.is_none() {
            let before = buffer.filled().len();
            let read = ready!(Pin::new(&mut self.stdout).poll_read(context, buffer));
            if read.is_ok() && (buffer.filled().len() > before || buffer.remaining() == 0) {
                return Poll::Ready(Ok(()));
            }
            match self.end.take() {
                Some(end) => self.ending = Some(Box::pin(end.told())),
                None => return Poll::Ready(read),
            }
        }
        let Some(ending) = &mut self.ending else {
            return Poll::Ready(Ok(()));
        };
        let fault = ready!(ending.as_mut().poll(context));
        self.ending = None;
        Poll::Ready(Err(io::Error::other(fault)))
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::Pid;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::board::line::LineSpec;

    async fn opened(line: &str) -> Result<LineStream, BoardFault> {
        let spec = LineSpec::Command {
            folder: None,
            line: line.to_owned(),
        };
        spec.open().await
    }

    async fn told(line: &mut LineStream) -> String {
        let mut bytes = Vec::new();
        let error = line.read.read_to_end(&mut bytes).await.unwrap_err();
        let text = String::from_utf8(bytes).unwrap();
        let fault = error
            .into_inner()
            .unwrap()
            .downcast::<BoardFault>()
            .unwrap();
        format!("{text}{fault}")
    }

    #[tokio::test]
    async fn its_input_and_output_are_the_line() {
        let mut line = opened("cat").await.unwrap();
        line.write.write_all(b"\x00\xffprintenv\r").await.unwrap();
        line.write.flush().await.unwrap();
        let mut bytes = [0; 11];
        line.read.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"\x00\xffprintenv\r");
    }

    /// Returns the fault of a command that ends, also if the first look was too early for it.
    async fn ended(line: &str) -> BoardFault {
        match opened(line).await {
            Err(fault) => fault,
            Ok(mut line) => {
                let error = line.read.read_to_end(&mut Vec::new()).await.unwrap_err();
                *error.into_inner().unwrap().downcast().unwrap()
            }
        }
    }

    #[tokio::test]
    async fn a_command_that_ends_at_once_is_told_with_its_words() {
        let fault = ended("echo one; echo no such port >&2; exit 3").await;
        assert_eq!(fault.kind, FaultKind::Refused);
        assert_eq!(
            fault.words,
            "the command `echo` of the serial line ended (exit status: 3), and said: no such port"
        );
        let fault = ended("no-such-program --password=hunter2").await;
        assert!(fault.words.contains("127"), "{fault}");
        assert!(fault.words.contains("not found"), "{fault}");
        assert!(!fault.words.contains("hunter2"), "{fault}");
    }

    #[tokio::test]
    async fn a_command_that_ends_later_is_told_after_its_last_byte() {
        let mut line = opened("read line; echo $line; echo gone >&2; exit 1")
            .await
            .unwrap();
        line.write.write_all(b"last\n").await.unwrap();
        assert_eq!(
            told(&mut line).await,
            "last\nthe command `read` of the serial line ended (exit status: 1), and said: gone"
        );
        // A reader that reads on gets no more.
        assert_eq!(line.read.read(&mut [0; 8]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn what_a_command_started_ends_with_its_line() {
        let mut line = opened("sleep 1000 & echo $!; wait").await.unwrap();
        let mut text = Vec::new();
        while !text.ends_with(b"\n") {
            text.push(line.read.read_u8().await.unwrap());
        }
        let id: i32 = String::from_utf8(text).unwrap().trim().parse().unwrap();
        let started = crate::process_setup::watch(Pid::from_raw(id).unwrap()).unwrap();
        drop(line);
        // The descriptor of a process becomes readable when it has ended.
        let _ = started.readable().await.unwrap();
    }

    #[tokio::test]
    async fn much_standard_error_is_cut() {
        let line = "yes noise | head -n 100000 >&2; echo the end >&2; exit 1";
        let words = ended(line).await.words;
        assert!(words.ends_with("noise | noise | the end"), "{words}");
    }
}
