//! The parsers of a machine's output. Each is behind one function that takes any bytes, for programs that try to break
//! them.
//!
//! Every function uses the handles that the engine uses, over a line like QEMU's. It returns a summary, which is equal
//! if the bytes were interpreted in the same way.

use std::{io, os::unix::net::UnixStream as StdUnixStream, path::Path, time::Duration};

use regex::Regex;
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::UnixStream,
    sync::watch,
};

use crate::{Agent, GuestCommand, Looked, Serial, SerialSearch};

/// The path of the logs.
pub(crate) const NOWHERE: &str = "/dev/null";

/// Returns both ends of a line: ours, and the machine's.
pub(crate) fn line() -> io::Result<(StdUnixStream, UnixStream)> {
    let (ours, theirs) = StdUnixStream::pair()?;
    theirs.set_nonblocking(true)?;
    Ok((ours, UnixStream::from_std(theirs)?))
}

/// Writes the bytes in pieces of any size, and closes the line.
pub(crate) async fn say(mut theirs: impl AsyncWrite + Unpin, bytes: Vec<u8>) {
    let size = usize::from(bytes.first().copied().unwrap_or(1)) + 1;
    for piece in bytes.chunks(size) {
        if theirs.write_all(piece).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

pub use crate::qemu::fuzz_target::qmp;

/// Feeds these bytes to the serial console.
///
/// # Errors
/// When the log cannot be opened.
pub async fn serial(bytes: &[u8]) -> io::Result<String> {
    let (ours, theirs) = tokio::io::duplex(64 << 10);
    let (read, write) = tokio::io::split(ours);
    let serial = Serial::start(read, write, Path::new(NOWHERE))?;
    let mut length = serial.watch();
    let talk = tokio::spawn(say(theirs, bytes.to_vec()));
    let pattern = Regex::new("(?m)^login: |[$#] $").map_err(io::Error::other)?;
    let mut found = 0;
    while length.changed().await.is_ok() {
        let from = serial.position().saturating_sub(7);
        found += usize::from(SerialSearch::new(&pattern, from).look(&serial) != Looked::Nothing);
        let _ = serial.text_from(from);
    }
    talk.abort();
    let (text, tail) = (serial.text_from(0), serial.tail(20));
    let controls = text.chars().filter(|c| c.is_control()).count();
    Ok(format!(
        "{} {} {controls} {found}",
        text.lines().count().min(9),
        tail.lines().count()
    ))
}

/// Lets the guest's agent answer every command with the next line of these bytes.
///
/// # Errors
/// When the host gives no socket.
pub async fn agent(bytes: &[u8]) -> io::Result<String> {
    let (ours, theirs) = line()?;
    let (connected, seen) = watch::channel(true);
    let agent = Agent::of_qemu(ours, seen)?;
    let talk = tokio::spawn(answer(theirs, bytes.to_vec(), connected));
    let command = GuestCommand {
        timeout: Duration::from_secs(2),
        ..GuestCommand::shell("true")
    };
    let told = match agent.exec(&command).await {
        Ok(output) => format!("{:?} {}", output.exit, output.stdout.kept().len().min(9)),
        Err(error) => error.to_string(),
    };
    talk.abort();
    Ok(told)
}

async fn answer(mut theirs: UnixStream, bytes: Vec<u8>, connected: watch::Sender<bool>) {
    let mut heard = vec![0; 4096];
    let mut answers = bytes.split_inclusive(|byte| *byte == b'\n');
    while let Ok(length @ 1..) = theirs.read(&mut heard).await {
        let asked = String::from_utf8_lossy(&heard[..length]);
        let sync = asked.split_once("\"id\":").map(|(_, rest)| {
            let digits = rest.chars().take_while(char::is_ascii_digit);
            format!("{{\"return\": {}}}\n", digits.collect::<String>())
        });
        let said = match (sync, answers.next()) {
            (Some(sync), _) if asked.contains("sync-delimited") => {
                theirs.write_all(&[b"\xff", sync.as_bytes()].concat()).await
            }
            (_, Some(answer)) => theirs.write_all(answer).await,
            (_, None) => break,
        };
        if said.is_err() {
            break;
        }
    }
    connected.send_replace(false);
}

/// Lets QEMU write these bytes as a picture of the screen.
#[must_use]
pub fn screendump(bytes: &[u8]) -> String {
    crate::qemu::screen::read_picture(bytes)
}
