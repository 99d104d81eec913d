//! Writes the event log, and tells the progress display.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use reports::{Event, Record};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::progress::Live;

/// Stands for a secret wherever one would have been written.
pub(crate) const MASK: &str = "•••";

/// The event log of a run: on disk as it grows, and in memory for the reports at the end.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    inner: Arc<Mutex<Inner>>,
    /// Goes into every record of this handle.
    attempt: Option<u32>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    records: Vec<Record>,
    began: Instant,
    secrets: Vec<String>,
    live: mpsc::UnboundedSender<Live>,
    /// The first failure to write: the log on disk ends there, the one in memory goes on.
    broken: Option<io::Error>,
}

impl Recorder {
    /// Opens `events.jsonl` in the run's folder. `secrets` are values that must not appear in any event.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(crate) fn create(
        folder: &Path,
        secrets: Vec<String>,
        live: mpsc::UnboundedSender<Live>,
    ) -> io::Result<Self> {
        let file = File::options()
            .append(true)
            .create_new(true)
            .open(folder.join("events.jsonl"))?;
        let inner = Inner {
            file,
            records: Vec::new(),
            began: Instant::now(),
            secrets,
            live,
            broken: None,
        };
        Ok(Self {
            inner: Arc::new(Mutex::new(inner)),
            attempt: None,
        })
    }

    /// The same log, for the events of one attempt.
    pub(crate) fn of_attempt(&self, number: u32) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            attempt: Some(number),
        }
    }

    /// The attempt whose events this handle records, if it is one's.
    pub(crate) fn attempt(&self) -> Option<u32> {
        self.attempt
    }

    // A panic while holding the lock leaves whole records behind; the log must survive it.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event, without secrets and with its long texts cut. A log that cannot be written is remembered (see
    /// [`Recorder::broken`]) rather than returned, so that the run can end in order and say so.
    pub(crate) fn record(&self, event: Event) {
        let mut inner = self.lock();
        let record = Record {
            seq: inner.records.len() as u64,
            at_ms: u64::try_from(inner.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            attempt: self.attempt,
            event,
        };
        // In this order: of a secret that was cut, half would stay.
        let record = mask_record(record, &inner.secrets).bounded();
        if inner.broken.is_none()
            && let Err(error) = write_line(&mut inner.file, &record)
        {
            inner.broken = Some(error);
        }
        // The display may be gone already at the very end; nobody needs the news then.
        let _ = inner.live.send(Live::Record(Box::new(record.clone())));
        inner.records.push(record);
    }

    /// Tells the display something that is not worth recording.
    pub(crate) fn tell(&self, live: Live) {
        let _ = self.lock().live.send(live); // As above.
    }

    /// Hides a text in all events from now on.
    pub(crate) fn conceal(&self, secret: &str) {
        let mut inner = self.lock();
        // A shorter one would hide everything.
        let lines = secret.split(char::is_control).map(str::trim);
        for line in lines.filter(|line| line.len() >= 3) {
            if !inner.secrets.iter().any(|known| known == line) {
                inner.secrets.push(line.to_owned());
            }
        }
    }

    /// Returns the texts that must not appear in any event.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.lock().secrets.clone()
    }

    /// Everything recorded so far.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.lock().records.clone()
    }

    /// Why the log on disk is not whole, if it is not.
    pub(crate) fn broken(&self) -> Option<String> {
        self.lock().broken.as_ref().map(ToString::to_string)
    }

    /// Milliseconds since the run began.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.lock().began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn write_line(file: &mut File, record: &Record) -> io::Result<()> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    // One write a line: a killed run leaves at most one broken line, the last.
    file.write_all(&line)
}

/// Replaces secrets in every string of a record. A record that cannot be put together again is kept as it was only when
/// it holds no secret, which masking strings cannot change: field names are ours.
fn mask_record(record: Record, secrets: &[String]) -> Record {
    if secrets.is_empty() {
        return record;
    }
    let Ok(mut value) = serde_json::to_value(&record) else {
        return record;
    };
    if !mask_value(&mut value, secrets) {
        return record;
    }
    serde_json::from_value(value).unwrap_or(Record {
        event: Event::Note {
            scenario: String::new(),
            text: "an event was left out: masking a secret made it unreadable".to_owned(),
        },
        ..record
    })
}

fn mask_value(value: &mut Value, secrets: &[String]) -> bool {
    match value {
        Value::String(text) => {
            let mut found = false;
            for secret in secrets {
                if text.contains(secret.as_str()) {
                    *text = text.replace(secret.as_str(), MASK);
                    found = true;
                }
            }
            found
        }
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |found, item| mask_value(item, secrets) | found),
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(name, _)| *name != "event" && *name != "kind")
            .fold(false, |found, (_, item)| mask_value(item, secrets) | found),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Event {
        Event::Note {
            scenario: "s".into(),
            text: text.into(),
        }
    }

    #[test]
    fn the_log_has_a_line_for_each_event_and_no_secret() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (live, mut shown) = mpsc::unbounded_channel();
        let recorder = Recorder::create(dir.path(), vec!["hunter2".into(), "s3cret".into()], live)
            .expect("a recorder");
        recorder.record(note("typed hunter2!"));
        recorder.record(note("s3cret and hunter2"));
        let log = std::fs::read_to_string(dir.path().join("events.jsonl")).expect("the log");
        assert_eq!(log.lines().count(), 2);
        assert!(!log.contains("hunter2") && !log.contains("s3cret"), "{log}");
        assert!(log.contains("typed •••!"));
        match shown.try_recv() {
            Ok(Live::Record(record)) => assert_eq!(record.event, note("typed •••!")),
            other => panic!("{other:?}"),
        }
        assert_eq!(recorder.records().len(), 2);
        assert_eq!(recorder.broken(), None);
    }

    #[test]
    fn every_record_of_an_attempt_has_its_number_also_where_a_secret_was_masked() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (live, _shown) = mpsc::unbounded_channel();
        let run = Recorder::create(dir.path(), vec!["hunter2".into()], live).expect("a recorder");
        let (second, third) = (run.of_attempt(2), run.of_attempt(3));
        second.record(note("one"));
        third.record(note("hunter2"));
        second.record(note("two"));
        run.record(note("three"));
        let numbers: Vec<_> = run.records().iter().map(|record| record.attempt).collect();
        assert_eq!(numbers, [Some(2), Some(3), Some(2), None]);
        let log = std::fs::read_to_string(dir.path().join("events.jsonl")).expect("the log");
        let lines: Vec<&str> = log.lines().collect();
        assert!(lines[0].contains("\"try\":2"), "{log}");
        assert!(!lines[3].contains("\"try\""), "{log}");
        let read: Vec<Record> = lines
            .iter()
            .map(|line| serde_json::from_str(line).expect("a record"))
            .collect();
        assert_eq!(read, run.records());
    }

    #[test]
    fn a_full_disk_is_remembered_and_the_log_in_memory_goes_on() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (live, _shown) = mpsc::unbounded_channel();
        let recorder = Recorder::create(dir.path(), Vec::new(), live).expect("a recorder");
        recorder.lock().file = File::options()
            .write(true)
            .open("/dev/full")
            .expect("the device that is always full");
        recorder.record(note("one"));
        recorder.record(note("two"));
        assert_eq!(recorder.records().len(), 2);
        let broken = recorder.broken().expect("a reason");
        assert!(broken.contains("No space left"), "{broken}");
    }
}
