//! Remembers the durations of stages when they ran last, for the estimates of `qa run --plan`.
//!
//! The file `$XDG_CACHE_HOME/qa/durations.jsonl` has one JSON object for each line, the oldest first. Losing it only
//! costs estimates: a line that cannot be read is ignored, and if two processes save at the same moment, one may lose
//! its times.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::millis::millis;
use serde::{Deserialize, Serialize};
use vm::checkpoint::CheckpointKey;

/// The number of stages that are remembered: years of work on a few projects, in less than half a megabyte.
const MOST: usize = 4096;

/// The size in bytes of the largest file that is read. A larger file was not written by `qa`.
const LARGEST: u64 = 1 << 20;

/// The durations of stages.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    /// The file with the durations; none without a cache folder.
    file: Option<PathBuf>,
    known: BTreeMap<CheckpointKey, Duration>,
    /// The durations that this process measured, in their order.
    noted: Vec<Line>,
}

/// A stage and its duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    key: CheckpointKey,
    ms: u64,
}

impl Durations {
    /// Loads the durations from a user's cache folder (`$XDG_CACHE_HOME`). Without such a folder, use
    /// [`Durations::default`], which is never saved.
    pub(crate) fn load(cache: &Path) -> Self {
        Self::at(cache.join("qa").join("durations.jsonl"))
    }

    /// Loads the durations from a file, which need not exist.
    pub(crate) fn at(file: PathBuf) -> Self {
        let known = read(&file)
            .into_iter()
            .map(|line| (line.key, Duration::from_millis(line.ms)))
            .collect();
        Self {
            file: Some(file),
            known,
            noted: Vec::new(),
        }
    }

    /// Returns the duration of the stage with this key when it ran last; none if it never ran.
    pub(crate) fn of(&self, key: CheckpointKey) -> Option<Duration> {
        self.known.get(&key).copied()
    }

    /// Notes the duration of the stage with this key.
    pub(crate) fn note(&mut self, key: CheckpointKey, took: Duration) {
        let ms = millis(took);
        self.known.insert(key, Duration::from_millis(ms));
        self.noted.push(Line { key, ms });
    }

    /// Saves the noted durations, together with those that other processes have saved meanwhile. The oldest are dropped
    /// if there are too many. The file is replaced atomically.
    ///
    /// # Errors
    /// The file cannot be written. The noted durations can be saved later.
    pub(crate) fn save(&mut self) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        if self.noted.is_empty() {
            return Ok(());
        }
        let mut lines = read(file);
        lines.extend(&self.noted);
        write(file, &newest(lines))?;
        self.noted.clear();
        Ok(())
    }
}

/// Returns the last line of each key, in their order, at most the newest [`MOST`].
fn newest(lines: Vec<Line>) -> Vec<Line> {
    let last: BTreeMap<CheckpointKey, usize> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| (line.key, index))
        .collect();
    let mut kept: Vec<Line> = lines
        .into_iter()
        .enumerate()
        .filter(|(index, line)| last.get(&line.key) == Some(index))
        .map(|(_, line)| line)
        .collect();
    kept.drain(..kept.len().saturating_sub(MOST));
    kept
}

/// Returns the lines that can be read; empty if there is no such file, or `qa` did not write it.
fn read(file: &Path) -> Vec<Line> {
    // Only a plain file is read, because a pipe or device may block or never end.
    if !fs::metadata(file).is_ok_and(|about| about.is_file() && about.len() <= LARGEST) {
        return Vec::new();
    }
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    if read.is_err() {
        return Vec::new();
    }
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}

fn write(file: &Path, lines: &[Line]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, line)?;
        text.push(b'\n');
    }
    new.write_all(&text)?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> CheckpointKey {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        CheckpointKey::from_bytes(bytes)
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn times_are_there_at_once_and_in_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("qa/durations.jsonl");
        let mut durations = Durations::load(folder.path());
        assert_eq!(durations.of(key(1)), None);
        durations.note(key(1), seconds(40));
        durations.note(key(2), seconds(5));
        durations.note(key(1), seconds(42));
        assert_eq!(durations.of(key(1)), Some(seconds(42)));
        durations.save().unwrap();
        let durations = Durations::at(file.clone());
        assert_eq!(durations.of(key(1)), Some(seconds(42)));
        assert_eq!(durations.of(key(2)), Some(seconds(5)));
        assert_eq!(durations.of(key(3)), None);
        // One line for each stage, and no other file in the folder.
        assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 2);
        assert_eq!(fs::read_dir(folder.path().join("qa")).unwrap().count(), 1);
    }

    #[test]
    fn two_processes_keep_the_times_of_both() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("durations.jsonl");
        let (mut one, mut other) = (Durations::at(file.clone()), Durations::at(file.clone()));
        one.note(key(1), seconds(1));
        other.note(key(2), seconds(2));
        one.save().unwrap();
        other.save().unwrap();
        let both = Durations::at(file);
        assert_eq!(both.of(key(1)), Some(seconds(1)));
        assert_eq!(both.of(key(2)), Some(seconds(2)));
    }

    #[test]
    fn the_oldest_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("durations.jsonl");
        let mut durations = Durations::at(file.clone());
        let most = u32::try_from(MOST).unwrap();
        for number in 0..most {
            durations.note(key(number), seconds(1));
        }
        durations.save().unwrap();
        durations.note(key(0), seconds(2));
        durations.note(key(most), seconds(3));
        durations.save().unwrap();
        assert!(fs::metadata(&file).unwrap().len() < LARGEST);
        let durations = Durations::at(file);
        assert_eq!(durations.known.len(), MOST);
        // A stage that ran again is not among the oldest any more.
        assert_eq!(durations.of(key(0)), Some(seconds(2)));
        assert_eq!(durations.of(key(1)), None);
        assert_eq!(durations.of(key(2)), Some(seconds(1)));
        assert_eq!(durations.of(key(most)), Some(seconds(3)));
    }

    #[test]
    fn what_is_no_time_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("durations.jsonl");
        let good = format!(r#"{{"key":"{}","ms":7000}}"#, key(1));
        let torn = &good[..good.len() / 2];
        let text = format!("\u{0}\n[]\n{{\"key\":\"x\",\"ms\":1}}\n{good}\n\n{torn}");
        let mut bytes = text.into_bytes();
        bytes.extend([b'\n', 0xff, 0xfe]);
        fs::write(&file, bytes).unwrap();
        let mut durations = Durations::at(file.clone());
        assert_eq!(durations.of(key(1)), Some(seconds(7)));
        assert_eq!(durations.known.len(), 1);
        durations.note(key(2), seconds(8));
        durations.save().unwrap();
        assert_eq!(Durations::at(file).known.len(), 2);
    }

    #[test]
    fn what_is_not_ours_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large");
        File::create(&large).unwrap().set_len(LARGEST + 1).unwrap();
        for path in [folder.path().to_owned(), large, folder.path().join("none")] {
            assert!(Durations::at(path).known.is_empty());
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a-file");
        fs::write(&file, "").unwrap();
        let mut durations = Durations::at(file.join("durations.jsonl"));
        durations.note(key(1), seconds(1));
        assert!(durations.save().is_err());
        assert_eq!(durations.noted.len(), 1);
        // Without a cache folder there is nothing to write to.
        let mut nowhere = Durations::default();
        nowhere.note(key(1), seconds(1));
        nowhere.save().unwrap();
    }
}
