//! The feed of a run: gives every entry of its event log to all listeners, from the beginning.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

use reports::{Entry, Notice};
use tokio::sync::mpsc;

use crate::millis::millis;

/// Takes the entries of a run as they come: the log file, a display.
pub(crate) trait Listener: Send {
    /// Takes the next entry. The feed waits until it returns, so a slow listener must pass the entry to a task.
    ///
    /// # Errors
    /// When it cannot take entries any more. Then it gets no more entries.
    fn entry(&mut self, entry: &Arc<Entry>) -> io::Result<()>;

    /// Takes a notice, which is shown but not kept.
    fn notice(&mut self, _notice: &Notice) {}
}

/// The entries of a run so far, and its listeners. All clones are the same feed.
#[derive(Clone)]
pub(crate) struct Feed {
    inner: Arc<Mutex<Inner>>,
    began: Instant,
}

struct Inner {
    entries: Vec<Arc<Entry>>,
    listeners: Vec<Box<dyn Listener>>,
    /// The first failure of a listener.
    broken: Option<io::Error>,
}

impl Feed {
    /// Makes the feed of a run that begins now.
    pub(crate) fn new() -> Self {
        Self {
            inner: Arc::new(Mutex::new(Inner {
                entries: Vec::new(),
                listeners: Vec::new(),
                broken: None,
            })),
            began: Instant::now(),
        }
    }

    // Entries are complete even after a panic under the lock, and the feed must survive it.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a listener. It gets all entries so far at once, and the others as they come.
    pub(crate) fn listen(&self, listener: impl Listener + 'static) {
        let mut inner = self.lock();
        let mut listener: Box<dyn Listener> = Box::new(listener);
        let replayed = (inner.entries.iter()).try_for_each(|entry| listener.entry(entry));
        match replayed {
            Ok(()) => inner.listeners.push(listener),
            Err(error) => inner.note_broken(error),
        }
    }

    /// Gives an entry its number and its time, keeps it, and hands it to all listeners.
    pub(crate) fn publish(&self, mut entry: Entry) {
        let mut inner = self.lock();
        entry.envelope.seq = inner.entries.len() as u64;
        entry.envelope.at_ms = self.elapsed_ms();
        let entry = Arc::new(entry);
        inner.entries.push(Arc::clone(&entry));
        let mut listeners = std::mem::take(&mut inner.listeners);
        listeners.retain_mut(|listener| match listener.entry(&entry) {
            Ok(()) => true,
            Err(error) => {
                inner.note_broken(error);
                false
            }
        });
        inner.listeners = listeners;
    }

    /// Hands a notice to all listeners, and forgets it.
    pub(crate) fn notify(&self, notice: &Notice) {
        for listener in &mut self.lock().listeners {
            listener.notice(notice);
        }
    }

    /// Returns all entries so far.
    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        self.lock().entries.clone()
    }

    /// Returns the reason why a listener does not have all entries, if there is one.
    pub(crate) fn broken(&self) -> Option<String> {
        self.lock().broken.as_ref().map(ToString::to_string)
    }

    /// Returns the time since the run began, in milliseconds.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        millis(self.began.elapsed())
    }

    /// Drops all listeners. No entry follows.
    pub(crate) fn close(&self) {
        self.lock().listeners.clear();
    }
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let inner = self.lock();
        f.debug_struct("Feed")
            .field("entries", &inner.entries.len())
            .field("listeners", &inner.listeners.len())
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn note_broken(&mut self, error: io::Error) {
        self.broken.get_or_insert(error);
    }
}

/// News for a listener on a task of its own.
#[derive(Debug)]
pub(crate) enum News {
    /// An entry of the log.
    Entry(Arc<Entry>),
    /// A notice, which no log keeps.
    Notice(Notice),
}

/// A listener on a task of its own.
#[derive(Debug)]
pub(crate) struct Queue {
    to: mpsc::UnboundedSender<News>,
    shows_notices: bool,
}

impl Queue {
    /// Returns the listener and its other end, which ends when the feed closes.
    pub(crate) fn new(shows_notices: bool) -> (Self, mpsc::UnboundedReceiver<News>) {
        let (to, news) = mpsc::unbounded_channel();
        (Self { to, shows_notices }, news)
    }
}

impl Listener for Queue {
    fn entry(&mut self, entry: &Arc<Entry>) -> io::Result<()> {
        // At the end of a run the display may be gone, and needs no more entries.
        let _ = self.to.send(News::Entry(Arc::clone(entry)));
        Ok(())
    }

    fn notice(&mut self, notice: &Notice) {
        if self.shows_notices {
            let _ = self.to.send(News::Notice(notice.clone())); // As above.
        }
    }
}

#[cfg(test)]
mod tests;
