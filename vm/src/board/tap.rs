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

/// Something that a board said on its serial line.
#[derive(Debug)]
pub(super) enum Said {
    /// It restarts, or perhaps so.
    Restart(SeenRestart),
    /// It is off, if nothing comes after it.
    PowerOff,
}

/// A serial line whose text is read for restarts and power-offs.
pub(super) struct Tap<R> {
    line: R,
    restarts: Arc<Mutex<RestartWatch>>,
    said: mpsc::UnboundedSender<Said>,
    /// What is told when the reader comes again: then it has taken the text.
    untold: Vec<Said>,
    /// The bytes of the board before those of this line.
    before: u64,
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
        let before = {
            let watch = restarts.lock().unwrap_or_else(PoisonError::into_inner);
            watch.position()
        };
        let tap = Self {
            line,
            restarts,
            said,
            untold: Vec::new(),
            before,
            closed,
        };
        (tap, KeepsOpen(keeps_open))
    }

    fn take(&mut self, new: &[u8]) {
        let mut watch = self.restarts.lock().unwrap_or_else(PoisonError::into_inner);
        let power_offs = watch.power_offs();
        for mut seen in watch.take(new) {
            seen.position = seen.position.saturating_sub(self.before);
            self.untold.push(Said::Restart(seen));
        }
        if watch.power_offs() > power_offs {
            self.untold.push(Said::PowerOff);
        }
    }

    fn tell(&mut self) {
        for said in self.untold.drain(..) {
            // An error means that the machine has ended.
            let _ = self.said.send(said);
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Tap<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.tell();
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
    async fn what_is_told_is_in_the_text_that_was_read() {
        let before = b"[    0.000000] Linux version 6.1\r\n";
        let text = b"\r\nU-Boot SPL 2025.01\r\n[   12.345678] reboot: Power down\r\n";
        let mut watch = RestartWatch::new(SignSet::built_in());
        watch.take(before);
        let (said, mut told) = mpsc::unbounded_channel();
        let (mut tap, _open) = Tap::new(text.as_slice(), Arc::new(Mutex::new(watch)), said);
        let mut read = [0; 128];
        let length = tap.read(&mut read).await.unwrap();
        assert_eq!(&read[..length], text);
        // The reader has not taken it yet.
        assert!(told.try_recv().is_err());
        assert_eq!(tap.read(&mut read).await.unwrap(), 0);
        let Some(Said::Restart(seen)) = told.recv().await else {
            panic!("no restart");
        };
        // Positions count from the begin of this line.
        assert_eq!(seen.position, 2);
        assert!(matches!(told.recv().await, Some(Said::PowerOff)));
    }

    #[tokio::test]
    async fn a_line_that_is_closed_from_here_has_an_end() {
        let (said, _told) = mpsc::unbounded_channel();
        let watch = RestartWatch::new(SignSet::built_in());
        let (ours, _board) = tokio::io::duplex(16);
        let (mut tap, open) = Tap::new(ours, Arc::new(Mutex::new(watch)), said);
        let mut bytes = Vec::new();
        let read = tap.read_to_end(&mut bytes);
        let (read, ()) = tokio::join!(read, async { drop(open) });
        assert_eq!(read.unwrap(), 0);
    }
}
