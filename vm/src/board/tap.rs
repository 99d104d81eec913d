//! Reads a serial line for restarts and power-offs before anyone else sees its text.

use std::{
    convert::Infallible,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::{mpsc, oneshot},
};

use super::signs::{RestartWatch, SeenRestart};

/// The last words of a kernel that has switched the power off, or that stands still because it cannot.
const LAST_WORDS: [&[u8]; 3] = [
    b"reboot: Power down",
    b"reboot: System halted",
    b"Power down.\r",
];

/// Something that a board said on its serial line.
#[derive(Debug)]
pub(super) enum Said {
    /// It restarts, or perhaps so.
    Restart(SeenRestart),
    /// It is off.
    PowerOff(String),
}

/// A serial line whose text is read for restarts and power-offs.
pub(super) struct Tap<R> {
    line: R,
    restarts: Arc<Mutex<RestartWatch>>,
    said: mpsc::UnboundedSender<Said>,
    /// The last bytes, in which last words may have begun.
    tail: Vec<u8>,
    /// Ends when the line is to be closed.
    closed: oneshot::Receiver<Infallible>,
}

/// Keeps a line open. Dropping it closes the line: its reader gets the end.
#[derive(Debug)]
pub(super) struct KeepsOpen(
    #[expect(dead_code, reason = "its drop is what counts")] oneshot::Sender<Infallible>,
);

impl<R> Tap<R> {
    pub(super) fn new(
        line: R,
        restarts: Arc<Mutex<RestartWatch>>,
        said: mpsc::UnboundedSender<Said>,
    ) -> (Self, KeepsOpen) {
        let (keeps_open, closed) = oneshot::channel();
        let tap = Self {
            line,
            restarts,
            said,
            tail: Vec::new(),
            closed,
        };
        (tap, KeepsOpen(keeps_open))
    }

    fn take(&mut self, new: &[u8]) {
        let restarts = {
            let mut watch = self.restarts.lock().unwrap_or_else(PoisonError::into_inner);
            watch.take(new)
        };
        for restart in restarts {
            // An error means that the machine has ended.
            let _ = self.said.send(Said::Restart(restart));
        }
        if let Some(words) = self.last_words(new) {
            let _ = self.said.send(Said::PowerOff(words));
        }
    }

    /// Returns the last words that end in the new bytes.
    fn last_words(&mut self, new: &[u8]) -> Option<String> {
        self.tail.extend_from_slice(new);
        let found = LAST_WORDS
            .into_iter()
            .find(|words| self.tail.windows(words.len()).any(|part| part == *words));
        let longest = LAST_WORDS.iter().map(|words| words.len()).max();
        // Words that were found must not be found again.
        let keep = match found {
            Some(_) => 0,
            None => longest.unwrap_or(1) - 1,
        };
        let from = self.tail.len().saturating_sub(keep);
        self.tail.drain(..from);
        found.map(|words| String::from_utf8_lossy(words).trim_end().to_owned())
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Tap<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if Pin::new(&mut self.closed).poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.line).poll_read(context, buffer))?;
        let new = buffer.filled().get(before..).unwrap_or_default();
        self.take(new);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::board::signs::SignSet;

    #[tokio::test]
    async fn a_power_off_is_told_once_however_its_text_arrives() {
        let text = b"[   12.3] reboot: Power down\r\n";
        for split in 0..text.len() {
            let (said, mut told) = mpsc::unbounded_channel();
            let watch = RestartWatch::new(SignSet::built_in(), false);
            let line = (&text[..split]).chain(&text[split..]);
            let (mut tap, _open) = Tap::new(line, Arc::new(Mutex::new(watch)), said);
            let mut read = Vec::new();
            tap.read_to_end(&mut read).await.unwrap();
            assert_eq!(read, text);
            drop(tap);
            let Some(Said::PowerOff(words)) = told.recv().await else {
                panic!("split at {split}");
            };
            assert_eq!(words, "reboot: Power down");
            assert!(told.recv().await.is_none(), "split at {split}");
        }
    }

    #[tokio::test]
    async fn a_line_that_is_closed_from_here_has_an_end() {
        let (said, _told) = mpsc::unbounded_channel();
        let watch = RestartWatch::new(SignSet::built_in(), false);
        let (ours, _board) = tokio::io::duplex(16);
        let (mut tap, open) = Tap::new(ours, Arc::new(Mutex::new(watch)), said);
        let mut bytes = Vec::new();
        let read = tap.read_to_end(&mut bytes);
        let (read, ()) = tokio::join!(read, async { drop(open) });
        assert_eq!(read.unwrap(), 0);
    }
}
