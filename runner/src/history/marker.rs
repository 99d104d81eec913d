//! Tells if a folder is that of a run: its `events.jsonl` begins with the entry `run-started`.

use std::fs::{self, File, Metadata};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::record::nanoseconds;

/// The longest first line that is read. It names all scenarios of the run: a thousand take a few hundred kilobytes.
const LONGEST: u64 = 64 << 20;

/// The beginning of a run, as its log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beginning {
    /// When it began, in nanoseconds since 1970.
    pub began: i64,
    /// True if a newer `qa` wrote the log, in a format that this one cannot read.
    pub is_too_new: bool,
}

/// Size and time of a log. If both are the same, the log has not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) bytes: i64,
    pub(super) modified: i64,
}

impl Stamp {
    /// Returns the stamp of a run's log; none if the folder has no log that is a plain file.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let about = fs::symlink_metadata(log_of(folder)).ok()?;
        about.is_file().then(|| Self::from(&about))
    }
}

impl From<&Metadata> for Stamp {
    fn from(about: &Metadata) -> Self {
        let seconds = about.mtime().saturating_mul(1_000_000_000);
        Self {
            bytes: i64::try_from(about.len()).unwrap_or(i64::MAX),
            modified: seconds.saturating_add(about.mtime_nsec()),
        }
    }
}

/// Returns the event log of a run's folder.
pub(super) fn log_of(folder: &Path) -> PathBuf {
    folder.join("events.jsonl")
}

impl Beginning {
    /// Reads the beginning of the run in a folder; none if the folder is not that of a run. A link is no run, and a
    /// folder whose log is a link is none either.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        if !fs::symlink_metadata(folder).ok()?.is_dir() || Stamp::of(folder).is_none() {
            return None;
        }
        let no_follow = rustix::fs::OFlags::NOFOLLOW.bits();
        let mut options = File::options();
        options
            .read(true)
            .custom_flags(i32::try_from(no_follow).ok()?);
        let file = options.open(log_of(folder)).ok()?;
        let mut line = Vec::new();
        let mut reader = BufReader::new(file.take(LONGEST));
        reader.read_until(b'\n', &mut line).ok()?;
        Self::in_line(&line)
    }

    fn in_line(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Marker {
            event: String,
            #[serde(default)]
            started: String,
            #[serde(default)]
            format: u32,
        }
        let marker: Marker = serde_json::from_slice(line).ok()?;
        (marker.event == "run-started").then(|| Self {
            began: nanoseconds(&marker.started),
            is_too_new: marker.format > reports::FORMAT,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_is_a_run_if_its_log_begins_as_one() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("run");
        fs::create_dir(&folder).unwrap();
        assert_eq!(Beginning::of(&folder), None, "without a log");
        let log = log_of(&folder);
        for (text, expected) in [
            ("", None),
            ("x", None),
            ("[]\n", None),
            ("{\"event\":\"note\"}\n{\"event\":\"run-started\"}\n", None),
            ("{\"event\":\"run-sta", None),
            ("{\"event\":\"run-started\"}\nrest", Some((0, false))),
            (
                "{\"event\":\"run-started\",\"started\":\"1970-01-01T00:00:01Z\",\"format\":99}",
                Some((1_000_000_000, true)),
            ),
        ] {
            fs::write(&log, text).unwrap();
            let found = Beginning::of(&folder);
            let found = found.map(|found| (found.began, found.is_too_new));
            assert_eq!(found, expected, "{text}");
        }
        let link = dir.path().join("latest");
        symlink("run", &link).unwrap();
        assert_eq!(Beginning::of(&link), None, "a link");
        fs::rename(&log, dir.path().join("log")).unwrap();
        symlink("../log", &log).unwrap();
        assert_eq!(Beginning::of(&folder), None, "a log that is a link");
    }
}
