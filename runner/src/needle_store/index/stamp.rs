//! Detects if a file has changed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A file that was changed less than this before it was read may change again without a new time: the coarsest clock of
/// a file system has steps of two seconds.
pub(super) const SETTLED: Duration = Duration::from_secs(3);

/// Values of a file, at least one of which changes with its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    inode: u64,
    pub(super) size: u64,
    /// Seconds and nanoseconds.
    pub(super) modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Returns the stamp of a file; none if there is no such file.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let facts = fs::metadata(path).ok()?;
        Some(Self {
            inode: facts.ino(),
            size: facts.size(),
            modified: (facts.mtime(), facts.mtime_nsec()),
            changed: (facts.ctime(), facts.ctime_nsec()),
        })
    }

    /// Returns the stamps of a needle file and its picture; none if they have changed too recently to be sure.
    pub(super) fn of_needle(path: &Path, now: SystemTime) -> Option<[Self; 2]> {
        let stamps = [Self::of(path)?, Self::of(&path.with_extension("png"))?];
        let settled = now - SETTLED;
        let settled = settled.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let settled = i64::try_from(settled.as_secs()).ok()?;
        let is_settled = |stamp: &Self| stamp.modified.0.max(stamp.changed.0) < settled;
        stamps.iter().all(is_settled).then_some(stamps)
    }
}
