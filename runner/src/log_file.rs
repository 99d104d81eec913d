//! The event log on disk: a listener of the feed that writes one line for each entry.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use reports::Entry;

use crate::feed::Listener;

/// `events.jsonl` of a run.
#[derive(Debug)]
pub(crate) struct LogFile {
    file: File,
}

impl LogFile {
    /// Opens `events.jsonl` in the run's folder.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        let file = File::options()
            .append(true)
            .create_new(true)
            .open(folder.join("events.jsonl"))?;
        Ok(Self { file })
    }
}

impl Listener for LogFile {
    fn entry(&mut self, entry: &Arc<Entry>) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry.as_ref())?;
        line.push(b'\n');
        // One write a line: a killed run leaves at most one broken line, the last.
        self.file.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Feed;
    use reports::{Envelope, Event};

    #[test]
    fn a_full_disk_is_remembered_and_the_run_goes_on() {
        let file = File::options()
            .write(true)
            .open("/dev/full")
            .expect("the device that is always full");
        let feed = Feed::new();
        feed.listen(LogFile { file });
        for text in ["one", "two"] {
            feed.publish(Entry {
                envelope: Envelope::default(),
                event: Event::Note { text: text.into() },
            });
        }
        assert_eq!(feed.entries().len(), 2);
        let broken = feed.broken().expect("a reason");
        assert!(broken.contains("No space left"), "{broken}");
    }
}
