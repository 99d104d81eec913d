//! The handle of a serial line, and the tasks that read and write it.

use std::{
    collections::VecDeque,
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep},
};

use super::{
    conceal::{Masking, Secrets},
    transcript::Transcript,
};
use crate::{
    capped_log::{CappedLog, LogLoss},
    machine::Lack,
};

/// The bytes of text that are kept in memory.
const KEPT: usize = 4 << 20;

/// The most bytes that a line's buffers hold at any time.
const MOST_WAITING: usize = 1 << 20;

/// The step in which silence is counted. A step that took longer, because this process did not run, counts once.
const TICK: Duration = Duration::from_millis(50);

/// The longest silence that any search waits for.
const SILENCE: Duration = Duration::from_millis(2500);

/// The number of reads whose time of arrival is known.
const READS: usize = 4096;

/// The serial console of a running machine. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Serial {
    length: watch::Receiver<u64>,
    reading: Arc<Mutex<Reading>>,
    input: mpsc::Sender<Input>,
    asked: mpsc::Sender<oneshot::Sender<()>>,
    loss: LogLoss,
    has: Result<(), Lack>,
}

#[derive(Debug)]
struct Input {
    bytes: Vec<u8>,
    taken: oneshot::Sender<()>,
}

/// The text that was read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) transcript: Transcript,
    pub(super) secrets: Secrets,
    /// The time that this process has listened, without the time in which it did not run.
    pub(super) time: Duration,
    /// The time since the last byte.
    pub(super) idle: Duration,
    /// True if no more bytes can come.
    pub(super) has_ended: bool,
    /// The positions that were reached, each with its time.
    reads: VecDeque<(u64, Instant)>,
}

impl Reading {
    fn new() -> Self {
        Self {
            transcript: Transcript::new(KEPT),
            secrets: Secrets::default(),
            time: Duration::ZERO,
            idle: SILENCE,
            has_ended: false,
            reads: VecDeque::new(),
        }
    }

    /// Returns the time at which all text before a position had arrived. For old text, returns the oldest known time.
    pub(super) fn came(&self, position: u64) -> Instant {
        let index = self.reads.partition_point(|(end, _)| *end < position);
        let read = self.reads.get(index).or(self.reads.back());
        read.map_or_else(Instant::now, |(_, when)| *when)
    }

    fn take(&mut self, bytes: &[u8]) {
        let before = self.transcript.end();
        self.transcript.push(bytes);
        self.idle = Duration::ZERO;
        let end = self.transcript.end();
        if end > before {
            self.reads.push_back((end, Instant::now()));
        }
        if self.reads.len() > READS {
            self.reads.pop_front();
        }
    }
}

/// The reason why the console takes no input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// The machine has no serial console.
    #[error(transparent)]
    Lacking(Lack),
    /// The machine ended.
    #[error("the machine ended before the serial console took the input")]
    Gone,
}

impl Serial {
    /// Reads and writes a line: a socket, a device, a pipe in this process. Appends every byte to the file at `log`,
    /// without secrets. The end of `read` is the end of the line.
    pub(crate) fn start(
        read: impl AsyncRead + Unpin + Send + 'static,
        write: impl AsyncWrite + Unpin + Send + 'static,
        log: &Path,
    ) -> io::Result<Self> {
        Self::start_concealing(read, write, log, std::iter::empty())
    }

    /// Reads and writes a line that says none of these secrets from its first byte on.
    ///
    /// # Errors
    /// The log cannot be opened.
    pub(crate) fn start_concealing<'s>(
        read: impl AsyncRead + Unpin + Send + 'static,
        write: impl AsyncWrite + Unpin + Send + 'static,
        log: &Path,
        secrets: impl Iterator<Item = &'s str>,
    ) -> io::Result<Self> {
        let log = CappedLog::open(log)?;
        let loss = log.loss();
        let mut reading = Reading::new();
        secrets.for_each(|secret| reading.secrets.add(secret));
        Ok(Self {
            loss,
            ..Self::with(reading, read, write, log)
        })
    }

    /// Returns why its log is not complete, as a lowercase fragment. None if it is complete.
    pub(crate) fn lost_log(&self) -> Option<String> {
        self.loss.told()
    }

    /// Reads and writes a line, with its log.
    #[cfg(test)]
    pub(super) fn on(
        read: impl AsyncRead + Unpin + Send + 'static,
        write: impl AsyncWrite + Unpin + Send + 'static,
        log: impl Write + Send + 'static,
    ) -> Self {
        Self::with(Reading::new(), read, write, log)
    }

    fn with(
        reading: Reading,
        read: impl AsyncRead + Unpin + Send + 'static,
        write: impl AsyncWrite + Unpin + Send + 'static,
        log: impl Write + Send + 'static,
    ) -> Self {
        let (grown, length) = watch::channel(0);
        let reading = Arc::new(Mutex::new(reading));
        let (input, queue) = mpsc::channel(16);
        let (asked, asks) = mpsc::channel(1);
        tokio::spawn(listen(read, log, Arc::clone(&reading), grown, asks));
        tokio::spawn(talk(write, queue));
        Self {
            length,
            reading,
            input,
            asked,
            loss: LogLoss::default(),
            has: Ok(()),
        }
    }

    /// Returns the serial console of a machine without one. No bytes come, and none can be written.
    pub(crate) fn absent(lack: Lack) -> Self {
        let mut reading = Reading::new();
        reading.has_ended = true;
        Self {
            // The other ends are dropped at once, so every channel is closed.
            length: watch::channel(0).1,
            reading: Arc::new(Mutex::new(reading)),
            input: mpsc::channel(1).0,
            asked: mpsc::channel(1).0,
            loss: LogLoss::default(),
            has: Err(lack),
        }
    }

    /// Waits until every byte in the line's buffers was read. After that, the text has everything that arrived before
    /// the call.
    pub(crate) async fn is_read(&self) {
        let (done, read) = oneshot::channel();
        if self.asked.send(done).await.is_ok() {
            // An error means that the machine has ended. Then everything was read.
            let _ = read.await;
        }
    }

    /// Returns a receiver of the position of the next byte. It also changes when nothing has come for a moment. The
    /// channel closes when the machine ends.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.length.clone()
    }

    /// Returns the position of the next byte.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.lock().transcript.end()
    }

    /// Returns the position of the line in which a byte of the machine is, by the number of bytes before it. None if
    /// that is no longer known.
    pub(crate) fn position_of_line(&self, byte: u64) -> Option<u64> {
        self.lock().transcript.line_at(byte)
    }

    /// Returns the position before which all lines have ended.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.lock().transcript.settled()
    }

    /// Returns the text from a position on, without secrets. If that text is no longer kept, starts at the oldest text.
    #[must_use]
    pub fn text_from(&self, from: u64) -> String {
        let reading = self.lock();
        reading.secrets.mask(reading.transcript.from(from))
    }

    /// Returns the lines that began at a position or later and have ended, without secrets, and the position to ask
    /// from next. If the first of them are no longer kept, starts at the oldest text.
    #[must_use]
    pub fn ended_lines(&self, from: u64) -> (String, u64) {
        let reading = self.lock();
        let settled = reading.transcript.settled();
        let text = reading.transcript.between(from, settled);
        (reading.secrets.mask(text), settled.max(from))
    }

    /// Returns at most `lines` lines from the end, without the last line end and without secrets.
    #[must_use]
    pub fn tail(&self, lines: usize) -> String {
        let reading = self.lock();
        reading.secrets.mask(reading.transcript.tail(lines))
    }

    /// Hides a text from now on in logs and in reports of the console. Searches still find it.
    pub fn conceal(&self, secret: &str) {
        self.lock().secrets.add(secret);
    }

    /// Writes to the console like a keyboard. Ends when the machine's line has taken all bytes. Dropping the future
    /// does not take them back.
    ///
    /// Returns the position from which an answer can come. A [`SerialSearch`](super::SerialSearch) never finds the echo
    /// of `bytes`.
    ///
    /// # Errors
    /// When the machine has ended or has no serial console.
    pub async fn write(&self, bytes: &[u8]) -> Result<u64, SerialError> {
        self.has.map_err(SerialError::Lacking)?;
        // A network accepts bytes for a while after the other end has gone.
        if self.lock().has_ended {
            return Err(SerialError::Gone);
        }
        let (taken, wait) = oneshot::channel();
        let input = Input {
            bytes: bytes.to_owned(),
            taken,
        };
        let place = self.input.reserve().await.map_err(|_| SerialError::Gone)?;
        // Before it is sent, so that its echo cannot come sooner.
        let position = self.lock().transcript.send(bytes);
        place.send(input);
        wait.await.map_err(|_| SerialError::Gone)?;
        Ok(position)
    }

    pub(super) fn reading<T>(&self, look: impl FnOnce(&Reading) -> T) -> T {
        look(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Reading> {
        lock(&self.reading)
    }
}

fn lock(reading: &Mutex<Reading>) -> MutexGuard<'_, Reading> {
    reading.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(
    mut line: impl AsyncRead + Unpin,
    mut log: impl Write,
    reading: Arc<Mutex<Reading>>,
    grown: watch::Sender<u64>,
    mut asks: mpsc::Receiver<oneshot::Sender<()>>,
) {
    let mut bytes = vec![0; 64 << 10];
    let mut masking = Masking::default();
    // The caller that waits until everything was read, and the number of bytes read since.
    let mut waiting: Option<(oneshot::Sender<()>, usize)> = None;
    loop {
        let is_silent = lock(&reading).idle >= SILENCE;
        let began = Instant::now();
        let read = tokio::select! {
            // First: bytes are read before the time is checked. A caller that waits for everything to be read is
            // answered when there is nothing to read.
            biased;
            read = line.read(&mut bytes) => Some(read),
            () = std::future::ready(()), if waiting.is_some() => {
                answer(&mut waiting);
                continue;
            }
            Some(done) = asks.recv() => {
                waiting = Some((done, 0));
                continue;
            }
            () = sleep(TICK), if !is_silent => None,
        };
        let passed = began.elapsed().min(2 * TICK);
        let (end, tells) = match read {
            Some(Ok(length @ 1..)) => {
                let bytes = &bytes[..length];
                let mut reading = lock(&reading);
                let written = masking.pass(&reading.secrets, bytes);
                let _ = log.write_all(&written); // That it is not whole is told by its loss.
                reading.time += passed;
                reading.take(bytes);
                waiting = waiting.or_else(|| asks.try_recv().ok().map(|done| (done, 0)));
                if let Some((_, taken)) = &mut waiting {
                    *taken += length;
                }
                (reading.transcript.end(), true)
            }
            // A read that fails is the end of the line.
            Some(Ok(0) | Err(_)) => break,
            None => {
                let mut reading = lock(&reading);
                let before = reading.idle;
                reading.time += passed;
                reading.idle += passed;
                let crosses = |moment: Duration| before < moment && reading.idle >= moment;
                let tells = super::search::MOMENTS.into_iter().any(crosses);
                (reading.transcript.end(), tells)
            }
        };
        if tells {
            grown.send_replace(end);
        }
        // A guest may write without end.
        if waiting
            .as_ref()
            .is_some_and(|(_, taken)| *taken >= MOST_WAITING)
        {
            answer(&mut waiting);
        }
    }
    let mut reading = lock(&reading);
    reading.has_ended = true;
    let _ = log.write_all(&masking.end(&reading.secrets)); // As above.
}

fn answer(waiting: &mut Option<(oneshot::Sender<()>, usize)>) {
    if let Some((done, _)) = waiting.take() {
        // The caller may have gone.
        let _ = done.send(());
    }
}

async fn talk(mut line: impl AsyncWrite + Unpin, mut queue: mpsc::Receiver<Input>) {
    while let Some(Input { bytes, taken }) = queue.recv().await {
        if line.write_all(&bytes).await.is_err() {
            // Dropping `queue` and `taken` tells everyone.
            return;
        }
        // The caller may have gone.
        let _ = taken.send(());
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::DuplexStream;

    use super::*;

    fn console() -> (Serial, DuplexStream, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let (ours, theirs) = tokio::io::duplex(1 << 10);
        let (read, write) = tokio::io::split(ours);
        let serial = Serial::start(read, write, &folder.path().join("serial0.log")).unwrap();
        (serial, theirs, folder)
    }

    #[tokio::test]
    async fn a_line_can_be_a_connection_to_another_host() {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connect = tokio::net::TcpStream::connect(listener.local_addr().unwrap());
        let (ours, board) = tokio::join!(connect, listener.accept());
        let (read, write) = ours.unwrap().into_split();
        let (mut board, _) = board.unwrap();
        let serial = Serial::start(read, write, &folder.path().join("serial0.log")).unwrap();
        let mut length = serial.watch();
        board.write_all(b"U-Boot SPL\n").await.unwrap();
        length.wait_for(|&length| length >= 11).await.unwrap();
        assert_eq!(serial.tail(1), "U-Boot SPL");
        serial.write(b"\x03").await.unwrap();
        assert_eq!(board.read_u8().await.unwrap(), 3);
        drop(board);
        while length.changed().await.is_ok() {}
        assert_eq!(serial.write(b"x").await, Err(SerialError::Gone));
    }

    #[tokio::test]
    async fn text_arrives_with_its_end_and_the_log_has_every_byte() {
        let (serial, mut guest, folder) = console();
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
    async fn lines_are_told_once_when_they_have_ended() {
        async fn says(serial: &Serial, text: &str) {
            let mut length = serial.watch();
            while !serial.text_from(0).ends_with(text) {
                length.changed().await.unwrap();
            }
        }
        let (serial, mut guest, _folder) = console();
        serial.conceal("hunter2");
        guest.write_all(b"one\r\nhunter2\r\n10%\r").await.unwrap();
        says(&serial, "10%").await;
        let (lines, next) = serial.ended_lines(0);
        assert_eq!(lines, "one\n•••\n");
        assert_eq!(serial.ended_lines(next), (String::new(), next));
        guest.write_all(b"20%\r\nlogin: ").await.unwrap();
        says(&serial, "login: ").await;
        let (lines, next) = serial.ended_lines(next);
        assert_eq!(lines, "20%\n");
        assert_eq!(serial.text_from(next), "login: ");
    }

    #[tokio::test]
    async fn a_secret_that_the_guest_echoes_is_in_no_log_and_in_no_text() {
        let (serial, mut guest, folder) = console();
        serial.conceal("hunter2\n");
        let mut length = serial.watch();
        guest.write_all(b"Password: hun").await.unwrap();
        length.wait_for(|&length| length >= 13).await.unwrap();
        guest.write_all(b"ter2\r\n# ").await.unwrap();
        length.wait_for(|&length| length >= 20).await.unwrap();
        assert_eq!(serial.tail(9), "Password: •••\n# ");
        let log = std::fs::read(folder.path().join("serial0.log")).unwrap();
        assert_eq!(String::from_utf8_lossy(&log), "Password: •••\r\n# ");
    }

    #[tokio::test]
    async fn what_is_written_reaches_the_guest_in_order() {
        let (serial, mut guest, _folder) = console();
        let (one, two) = tokio::join!(serial.write(b"root\n"), serial.write(b"secret\n"));
        assert_eq!((one, two), (Ok(0), Ok(0)));
        let mut bytes = [0; 12];
        guest.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"root\nsecret\n");
    }

    #[tokio::test]
    async fn the_end_of_the_machine_closes_the_watch_and_refuses_input() {
        let (serial, guest, _folder) = console();
        let mut length = serial.watch();
        drop(guest);
        while length.changed().await.is_ok() {}
        assert_eq!(serial.write(b"x").await, Err(SerialError::Gone));
        assert_eq!(serial.tail(5), "");
    }
}
