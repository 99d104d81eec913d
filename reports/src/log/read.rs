//! Reads `events.jsonl`.

use serde::Deserialize;

use super::entry::{Entry, FORMAT};
use super::event::Event;
use super::excerpt::LONGEST_TEXT;
use super::older::Older;
use crate::plain_text::plain_line;

/// An event log as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// Its entries, in order and without gaps. The first is [`Event::RunStarted`].
    pub entries: Vec<Entry>,
    /// The number of the last line, from 1, if it was cut off while it was written: the run was killed, or the disk was
    /// full. This line is lost. All lines before it are whole.
    pub torn_line: Option<usize>,
}

/// An event log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It has no line.
    #[error("the event log is empty: the run ended before its first event")]
    Empty,
    /// A line is no entry.
    #[error("line {line} of the event log is not a record of a run: {}", shown(.source))]
    Line {
        /// The line, from 1.
        line: usize,
        /// The error.
        source: serde_json::Error,
    },
    /// A line is not UTF-8.
    #[error("line {line} of the event log is not UTF-8: byte {byte} is wrong")]
    NoText {
        /// The line, from 1.
        line: usize,
        /// The offset of the first wrong byte in the line.
        byte: usize,
    },
    /// The first line is not the one that every log begins with.
    #[error(
        "line 1 of the event log is not the beginning of a run: this is another file, or its beginning is lost"
    )]
    NoBeginning,
    /// Another run begins in the middle of it.
    #[error("line {line} of the event log begins another run: two logs were joined into one file")]
    SecondBeginning {
        /// The line, from 1.
        line: usize,
    },
    /// Entries are missing or out of order.
    #[error(
        "line {line} of the event log has record {found} where record {expected} belongs: lines are missing or were \
        moved"
    )]
    Gap {
        /// The line, from 1.
        line: usize,
        /// The number that belongs there.
        expected: u64,
        /// The number that is there.
        found: u64,
    },
    /// A newer `qa` wrote it.
    #[error(
        "the event log has format {found}, written by qa {version}; this qa reads formats up to {FORMAT}: \
        use qa {version} or a newer one"
    )]
    TooNew {
        /// Its format.
        found: u32,
        /// The version of the `qa` that wrote it.
        version: String,
    },
}

/// Returns the text of the error of a line, without the line number of serde. That number is always 1, because serde
/// sees one line only.
fn shown(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(what) if error.column() > 0 => format!("{what}, at column {}", error.column()),
        Some(what) => what.to_owned(),
        None => text,
    }
}

/// Reads an event log of this format or of an older one.
///
/// A last line that has no line end and is no entry is accepted, and [`Log::torn_line`] has its number. A killed run
/// leaves such a line.
///
/// # Errors
/// When it is no event log, was written by a newer `qa`, or has a gap: a report that misses lines could
/// call a failure a success.
pub fn read_log(bytes: &[u8]) -> Result<Log, LogError> {
    let mut log = Log {
        entries: Vec::new(),
        torn_line: None,
    };
    let mut reader = Reader { older: None };
    for (index, bytes_of_line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let line = index + 1;
        let ended = bytes_of_line.ends_with(b"\n");
        match reader.entry(line, bytes_of_line) {
            Ok(entry) => {
                check_place(line, &entry, log.entries.len() as u64)?;
                log.entries.push(entry);
            }
            Err(LogError::Line { .. } | LogError::NoText { .. }) if !ended && line > 1 => {
                log.torn_line = Some(line);
            }
            Err(error) => return Err(error),
        }
    }
    if log.entries.is_empty() {
        return Err(LogError::Empty);
    }
    Ok(log)
}

/// Reads line after line of one log.
#[derive(Debug)]
struct Reader {
    /// The upgrade from the format of the log; none if it has this format.
    older: Option<Older>,
}

impl Reader {
    fn entry(&mut self, line: usize, bytes: &[u8]) -> Result<Entry, LogError> {
        let text = std::str::from_utf8(bytes).map_err(|error| LogError::NoText {
            line,
            byte: error.valid_up_to(),
        })?;
        if line == 1 {
            self.older = older(text)?;
        }
        let text = text.trim_end_matches('\n');
        let entry: Result<Entry, _> = match &mut self.older {
            None => serde_json::from_str(text),
            Some(older) => serde_json::from_str(text)
                .and_then(|line| serde_json::from_value(older.upgrade(line))),
        };
        let entry = entry.map_err(|source| LogError::Line { line, source })?;
        // The log may be from another program: long texts are cut, so that no report grows without limit.
        Ok(match text.len() > LONGEST_TEXT {
            true => entry.bounded(),
            false => entry,
        })
    }
}

/// Reads the format before the rest of the line, because another format may have any other fields. Returns the upgrade
/// from an older format; none if the log has this format.
fn older(text: &str) -> Result<Option<Older>, LogError> {
    #[derive(Deserialize)]
    struct Beginning {
        event: String,
        format: u32,
        #[serde(default)]
        version: String,
    }
    match serde_json::from_str::<Beginning>(text) {
        Ok(beginning) if beginning.event == "run-started" => match beginning.format {
            FORMAT => Ok(None),
            older if older < FORMAT => Ok(Some(Older::new(older))),
            newer => Err(LogError::TooNew {
                found: newer,
                version: plain_line(&beginning.version),
            }),
        },
        // Any other error is found when the line is read as an entry.
        Ok(_) | Err(_) => Ok(None),
    }
}

fn check_place(line: usize, entry: &Entry, expected: u64) -> Result<(), LogError> {
    let begins = matches!(entry.event, Event::RunStarted { .. });
    match (line, begins) {
        (1, false) => return Err(LogError::NoBeginning),
        (1, true) | (_, false) => {}
        (line, true) => return Err(LogError::SecondBeginning { line }),
    }
    if entry.envelope.seq != expected {
        return Err(LogError::Gap {
            line,
            expected,
            found: entry.envelope.seq,
        });
    }
    Ok(())
}
