use regex::Regex;
use tokio::sync::watch;

/// The serial console of a running machine. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Serial {
    length: watch::Receiver<u64>,
}

/// A place where a pattern matches the console's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialMatch {
    /// Position of its first byte.
    pub start: u64,
    /// Position after its last byte: where to go on searching.
    pub end: u64,
    /// The text that matched.
    pub text: String,
    /// The whole line (or lines) it is on, without line end.
    pub line: String,
}

/// Why the console takes no input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// The machine ended.
    #[error("the machine ended before the serial console took the input")]
    Gone,
}

impl Serial {
    /// Length of the text so far, as it grows. The channel closes when the machine ends.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.length.clone()
    }

    /// Length of the text so far: the position of what comes next.
    #[must_use]
    pub fn position(&self) -> u64 {
        *self.length.borrow()
    }

    /// The first match of `pattern` that begins at `from` or later, in the text there is now. Never waits: search again when
    /// [`watch`](Self::watch) tells of more. `^` and `$` need `(?m)` to mean lines.
    #[must_use]
    pub fn find(&self, pattern: &Regex, from: u64) -> Option<SerialMatch> {
        let _ = (pattern, from);
        todo!()
    }

    /// The text from a position on (from the oldest kept, if that is younger).
    #[must_use]
    pub fn text_from(&self, from: u64) -> String {
        let _ = from;
        todo!()
    }

    /// The last lines, at most `lines` of them, without the last line end.
    #[must_use]
    pub fn tail(&self, lines: usize) -> String {
        let _ = lines;
        todo!()
    }

    /// Writes to the console as if typed there. Ends when the machine has taken it all.
    ///
    /// # Errors
    /// When the machine ended.
    pub async fn write(&self, bytes: &[u8]) -> Result<(), SerialError> {
        let _ = bytes;
        todo!()
    }
}
