//! A screen whose pictures a command prints.

use std::{io, path::PathBuf, process::Command, time::Duration};

use tokio::{io::AsyncReadExt, net::unix::pipe};

use super::{
    BoardFault, FaultKind,
    command::Program,
    picture::{MOST_BYTES, NewestPicture, PictureError},
};
use crate::{
    CaptureError, Frame, own_gaps,
    screen::{PictureSource, Taken},
};

/// The longest time that the command may take for one picture.
const LIMIT: Duration = Duration::from_secs(10);

/// A command that prints one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureCommand {
    /// The line for `/bin/sh`. It prints one picture on its standard output: PNG, JPEG or PPM.
    pub line: String,
    /// The folder that the command runs in. None means the folder of this program.
    pub folder: Option<PathBuf>,
    /// The longest time for one picture. None means 10 seconds.
    pub limit: Option<Duration>,
}

/// A screen whose pictures a command prints.
#[derive(Debug)]
pub(crate) struct CommandScreen {
    command: PictureCommand,
    newest: NewestPicture,
}

impl CommandScreen {
    /// Returns the screen. The command runs for each picture.
    pub(crate) fn new(command: PictureCommand) -> Self {
        Self {
            command,
            newest: NewestPicture::default(),
        }
    }

    /// Runs the command. Returns the bytes of its picture.
    async fn run(&self) -> Result<Vec<u8>, BoardFault> {
        let limit = self.command.limit.unwrap_or(LIMIT);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &self.command.line]);
        if let Some(folder) = &self.command.folder {
            command.current_dir(folder);
        }
        let started = Program::start(command).await;
        let (mut program, stdout) = started.map_err(|error| self.not_started(&error))?;
        let work = async {
            let read = read(stdout).await;
            let status = match read {
                // It is not worth to wait for the end of a program that prints without end.
                Ok(Err(TooLong)) => None,
                Ok(Ok(_)) | Err(_) => Some(program.ended().await?),
            };
            Ok::<_, io::Error>((read?, status))
        };
        let Some(done) = own_gaps::within(limit, work).await else {
            let words = format!("{} printed no picture within {limit:?}", self.name());
            return Err(BoardFault::new(FaultKind::TimedOut, words)
                .advice("run the command by hand and see what it waits for"));
        };
        let (bytes, status) = done.map_err(|error| {
            let words = format!("the output of {} cannot be read: {error}", self.name());
            BoardFault::new(FaultKind::NotUnderstood, words)
        })?;
        match status {
            Some(status) if !status.success() => {
                let last = program.last_words().await;
                let words = format!("{} failed ({status}): {last}", self.name());
                Err(BoardFault::new(FaultKind::Refused, words).advice(
                    "run the command by hand: it must print one picture and end with status 0",
                ))
            }
            _ => bytes.map_err(|TooLong| PictureError::TooLong.fault(&self.name())),
        }
    }

    fn not_started(&self, error: &io::Error) -> BoardFault {
        let words = format!("{} cannot be started: {error}", self.name());
        BoardFault::new(FaultKind::Missing, words)
    }

    fn name(&self) -> String {
        // Its arguments may have a password.
        let program = self.command.line.split_whitespace().next();
        format!(
            "the command `{}` of the screen",
            program.unwrap_or_default()
        )
    }
}

/// Says that a program prints more than a picture may have.
#[derive(Debug, Clone, Copy)]
struct TooLong;

async fn read(stdout: pipe::Receiver) -> io::Result<Result<Vec<u8>, TooLong>> {
    let mut bytes = Vec::new();
    stdout
        .take(MOST_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .await?;
    Ok(if bytes.len() > MOST_BYTES {
        Err(TooLong)
    } else {
        Ok(bytes)
    })
}

impl PictureSource for CommandScreen {
    async fn take(&mut self, _last: Option<&Frame>) -> Result<Taken<'_>, CaptureError> {
        let bytes = self.run().await?;
        let name = self.name();
        let read = self.newest.read(bytes).await;
        let decoded = read.map_err(|error| error.fault(&name))?;
        Ok(Taken::Picture(decoded.picture()))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::picture::tests::*, *};

    fn screen(line: &str) -> CommandScreen {
        CommandScreen::new(PictureCommand {
            line: line.to_owned(),
            folder: None,
            limit: Some(Duration::from_secs(60)),
        })
    }

    async fn error(mut screen: CommandScreen) -> String {
        screen.take(None).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn each_format_that_a_command_prints_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("a.jpg", jpeg(20, 10)),
            ("a.png", png(20, 10)),
            ("a.ppm", ppm(20, 10)),
        ] {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            let mut screen = screen(&format!("cat {name}"));
            screen.command.folder = Some(folder.path().to_owned());
            let Taken::Picture(picture) = screen.take(None).await.unwrap() else {
                panic!("no picture of {name}");
            };
            assert_eq!((picture.width, picture.height), (20, 10));
        }
    }

    #[tokio::test]
    async fn a_command_that_fails_is_told_with_its_last_words() {
        let said = error(screen(
            "echo no such device >&2; exit 7 # --password=hunter2",
        ))
        .await;
        assert!(said.contains("the command `echo` of the screen"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
        assert!(said.contains("exit status: 7"), "{said}");
        assert!(said.contains("no such device"), "{said}");
    }

    #[tokio::test]
    async fn a_command_that_prints_something_else_is_told() {
        let said = error(screen("echo usage: grab DEVICE")).await;
        assert!(said.contains("usage: grab DEVICE"), "{said}");
        let said = error(screen("true")).await;
        assert!(said.contains("it is empty"), "{said}");
    }

    #[tokio::test]
    async fn a_command_that_takes_too_long_is_ended() {
        let mut screen = screen("sleep 1000");
        screen.command.limit = Some(Duration::from_millis(30));
        let said = error(screen).await;
        assert!(said.contains("printed no picture within 30ms"), "{said}");
    }

    #[tokio::test]
    async fn a_command_that_prints_without_end_is_ended() {
        let said = error(screen("cat /dev/zero")).await;
        assert!(said.contains("more than 67108864 bytes"), "{said}");
    }
}
