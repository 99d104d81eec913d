use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::net::UnixStream as StdUnixStream,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use regex::Regex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, oneshot, watch},
};

use super::{SerialMatch, buffer::Buffer, plain_text::PlainText};

/// How much text is kept in memory.
const KEPT: usize = 4 << 20;

/// The serial console of a running machine. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Serial {
    length: watch::Receiver<u64>,
    buffer: Arc<Mutex<Buffer>>,
    input: mpsc::Sender<Input>,
}

#[derive(Debug)]
struct Input {
    bytes: Vec<u8>,
    taken: oneshot::Sender<()>,
}

/// Why the console takes no input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// The machine ended.
    #[error("the machine ended before the serial console took the input")]
    Gone,
}

impl Serial {
    /// Takes over our end of the line; every byte goes to the end of the file at `log`.
    pub(crate) fn start(socket: StdUnixStream, log: &Path) -> io::Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        socket.set_nonblocking(true)?;
        let (read, write) = UnixStream::from_std(socket)?.into_split();
        let (grown, length) = watch::channel(0);
        let buffer = Arc::new(Mutex::new(Buffer::new(KEPT)));
        let (input, queue) = mpsc::channel(16);
        tokio::spawn(listen(read, log, Arc::clone(&buffer), grown));
        tokio::spawn(talk(write, queue));
        Ok(Self {
            length,
            buffer,
            input,
        })
    }

    /// Length of the text so far, as it grows. The channel closes when the machine ends.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.length.clone()
    }

    /// Length of the text so far: the position of what comes next.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.buffer().end()
    }

    /// The first match of `pattern` that begins at `from` or later, in the text there is now. Never waits: search again when
    /// [`watch`](Self::watch) tells of more. `^` and `$` need `(?m)` to mean lines.
    #[must_use]
    pub fn find(&self, pattern: &Regex, from: u64) -> Option<SerialMatch> {
        self.buffer().find(pattern, from)
    }

    /// The text from a position on (from the oldest kept, if that is younger).
    #[must_use]
    pub fn text_from(&self, from: u64) -> String {
        self.buffer().from(from).to_owned()
    }

    /// The last lines, at most `lines` of them, without the last line end.
    #[must_use]
    pub fn tail(&self, lines: usize) -> String {
        self.buffer().tail(lines).to_owned()
    }

    /// Writes to the console as if typed there. Ends when the machine's line has taken it all; dropping the future does not take it back.
    ///
    /// # Errors
    /// When the machine ended.
    pub async fn write(&self, bytes: &[u8]) -> Result<(), SerialError> {
        let (taken, wait) = oneshot::channel();
        let input = Input {
            bytes: bytes.to_owned(),
            taken,
        };
        self.input
            .send(input)
            .await
            .map_err(|_| SerialError::Gone)?;
        wait.await.map_err(|_| SerialError::Gone)
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(
    mut line: OwnedReadHalf,
    mut log: File,
    buffer: Arc<Mutex<Buffer>>,
    grown: watch::Sender<u64>,
) {
    let mut decoder = PlainText::default();
    let mut bytes = vec![0; 64 << 10];
    // A read that fails is the end of the line.
    while let Ok(length @ 1..) = line.read(&mut bytes).await {
        let bytes = &bytes[..length];
        // A log that cannot be written (disk full) must not end the machine: QEMU tells of a full disk itself.
        let _ = log.write_all(bytes);
        let end = {
            let mut buffer = buffer.lock().unwrap_or_else(PoisonError::into_inner);
            buffer.append(|text| decoder.push(bytes, text));
            buffer.end()
        };
        grown.send_replace(end);
    }
}

async fn talk(mut line: OwnedWriteHalf, mut queue: mpsc::Receiver<Input>) {
    while let Some(Input { bytes, taken }) = queue.recv().await {
        if line.write_all(&bytes).await.is_err() {
            // Dropping `queue` and `taken` tells everyone.
            return;
        }
        // Whoever wrote it may have gone.
        let _ = taken.send(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn console() -> (Serial, UnixStream, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let (ours, theirs) = StdUnixStream::pair().unwrap();
        theirs.set_nonblocking(true).unwrap();
        let serial = Serial::start(ours, &folder.path().join("serial0.log")).unwrap();
        (serial, UnixStream::from_std(theirs).unwrap(), folder)
    }

    #[tokio::test]
    async fn text_arrives_with_its_end_and_the_log_has_every_byte() {
        let (serial, mut guest, folder) = console().await;
        let mut length = serial.watch();
        guest
            .write_all(b"\x1b[1mDebian\x1b[0m\r\nlogin: ")
            .await
            .unwrap();
        length.wait_for(|&length| length >= 14).await.unwrap();
        assert_eq!(serial.text_from(0), "Debian\nlogin: ");
        assert_eq!(
            (serial.tail(1).as_str(), serial.position()),
            ("login: ", 14)
        );
        let log = std::fs::read(folder.path().join("serial0.log")).unwrap();
        assert_eq!(log, b"\x1b[1mDebian\x1b[0m\r\nlogin: ");
    }

    #[tokio::test]
    async fn what_is_written_reaches_the_guest_in_order() {
        let (serial, mut guest, _folder) = console().await;
        let (one, two) = tokio::join!(serial.write(b"root\n"), serial.write(b"secret\n"));
        one.unwrap();
        two.unwrap();
        let mut bytes = [0; 12];
        guest.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"root\nsecret\n");
    }

    #[tokio::test]
    async fn the_end_of_the_machine_closes_the_watch_and_refuses_input() {
        let (serial, guest, _folder) = console().await;
        let mut length = serial.watch();
        drop(guest);
        while length.changed().await.is_ok() {}
        assert_eq!(serial.write(b"x").await, Err(SerialError::Gone));
        assert_eq!(serial.tail(5), "");
    }
}
