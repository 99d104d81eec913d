//! The unpacked images in the store: which are there, whether they are whole, and when they go.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use crate::image::{Digest, ImageStore, StoreError};

/// An unpacked image that no run has used for so long is removed when another one is unpacked.
pub(super) const KEPT_UNUSED: Duration = Duration::from_secs(30 * 24 * 3600);

/// One that was used within this time stays in any case: a run may be about to start it.
const IN_USE: Duration = Duration::from_secs(24 * 3600);

/// An unpacked image, as noted beside it. The time of the note's file is that of the last use.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Note {
    /// The packed file, as it was named last.
    pub(super) packed: PathBuf,
    pub(super) bytes: u64,
    pub(super) digest: Digest,
}

impl ImageStore {
    pub(super) fn unpacked_folder(&self) -> PathBuf {
        self.folder().join("unpacked")
    }

    /// Returns the disks that were unpacked: each with whether its bytes are still those that came out. Reads all of
    /// them: about a second per gigabyte.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn verify_unpacked(&self) -> Result<Vec<(PathBuf, bool)>, StoreError> {
        let is_whole = |path: &Path| {
            note_of(path).is_some_and(|note| {
                let digest = File::open(path).and_then(|mut file| Digest::of_reader(&mut file));
                digest.is_ok_and(|digest| digest == note.digest)
            })
        };
        let disks = self.unpacked_disks()?.into_iter();
        Ok(disks
            .map(|path| (is_whole(&path), path))
            .map(|(is_whole, path)| (path, is_whole))
            .collect())
    }

    /// Removes the unpacked disks that were not used for so long, and returns each with the bytes that it took on the
    /// host. One that was used within the last day stays.
    ///
    /// # Errors
    /// When the store cannot be read, or something in it cannot be removed.
    pub fn prune_unpacked(&self, unused_for: Duration) -> Result<Vec<(PathBuf, u64)>, StoreError> {
        let mut removed = Vec::new();
        for disk in self.unpacked_disks()? {
            let note = disk.with_extension("json");
            // One without a note is what a process that was killed left.
            let used = note
                .metadata()
                .or_else(|_| disk.metadata())
                .and_then(|file| file.modified());
            // A time to come is that of a clock that was wrong.
            let unused =
                used.map(|used| SystemTime::now().duration_since(used).unwrap_or_default());
            if unused.is_ok_and(|unused| unused < unused_for.max(IN_USE)) {
                continue;
            }
            let bytes = disk.metadata().map_or(0, |file| allocated(&file));
            // The note first: a disk without one is not taken for whole.
            for path in [&note, &disk] {
                match fs::remove_file(path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(StoreError::io("remove", path, error));
                    }
                    _ => {}
                }
            }
            removed.push((disk, bytes));
        }
        Ok(removed)
    }

    /// The disks in the folder, in the order of their names.
    fn unpacked_disks(&self) -> Result<Vec<PathBuf>, StoreError> {
        let folder = self.unpacked_folder();
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry
                .map_err(|source| StoreError::io("read", &folder, source))?
                .path();
            if path.extension().is_some_and(|extension| extension == "img") {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}

fn allocated(file: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    file.blocks() * 512
}

fn note_of(disk: &Path) -> Option<Note> {
    serde_json::from_slice(&fs::read(disk.with_extension("json")).ok()?).ok()
}

/// Returns whether the disk is there as it came out.
pub(super) fn is_there(disk: &Path) -> bool {
    let bytes = disk.metadata().map(|file| file.len()).ok();
    note_of(disk).is_some_and(|note| Some(note.bytes) == bytes)
}

/// Notes that the disk is used now. Where the store cannot be written, it may be removed earlier.
pub(super) fn note_use(disk: &Path) {
    let note = File::options()
        .append(true)
        .open(disk.with_extension("json"));
    let _ = note.and_then(|note| note.set_modified(SystemTime::now()));
}
