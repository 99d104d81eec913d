//! The unpacked images in the store: lists, checks and removes them.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use crate::image::{Digest, ImageStore, StoreError};

/// The time after which an unused unpacked image is removed, when another one is unpacked.
pub(super) const KEPT_UNUSED: Duration = Duration::from_secs(30 * 24 * 3600);

/// The time after its last use in which an image is never removed: a run may be about to start it.
const IN_USE: Duration = Duration::from_secs(24 * 3600);

/// The note beside an unpacked image. The modification time of the note is the time of the last use.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Note {
    /// The packed file, under its newest name.
    pub(super) packed: PathBuf,
    pub(super) bytes: u64,
    pub(super) digest: Digest,
}

impl ImageStore {
    pub(super) fn unpacked_folder(&self) -> PathBuf {
        self.folder().join("unpacked")
    }

    /// Returns the unpacked disks, each with whether its bytes have not changed. Reads all of them: about a second per
    /// gigabyte.
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

    /// Removes the unpacked disks that were not used for this long. Returns each with the bytes that it took on the
    /// host. A disk that was used within the last day stays.
    ///
    /// # Errors
    /// When the store cannot be read, or a file cannot be removed.
    pub fn prune_unpacked(&self, unused_for: Duration) -> Result<Vec<(PathBuf, u64)>, StoreError> {
        let mut removed = Vec::new();
        for disk in self.unpacked_disks()? {
            let note = disk.with_extension("json");
            // A disk without a note was left by a process that was killed.
            let used = note
                .metadata()
                .or_else(|_| disk.metadata())
                .and_then(|file| file.modified());
            // A time in the future comes from a clock that was wrong.
            let unused =
                used.map(|used| SystemTime::now().duration_since(used).unwrap_or_default());
            if unused.is_ok_and(|unused| unused < unused_for.max(IN_USE)) {
                continue;
            }
            let bytes = disk.metadata().map_or(0, |file| allocated(&file));
            // The note first: a disk without a note counts as incomplete.
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

    /// Returns the disks in the folder, in the order of their names.
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

/// Returns true if the disk has not changed since it was unpacked.
pub(super) fn is_there(disk: &Path) -> bool {
    let bytes = disk.metadata().map(|file| file.len()).ok();
    note_of(disk).is_some_and(|note| Some(note.bytes) == bytes)
}

/// Notes that the disk is used now. If the store cannot be written, the disk may be removed earlier.
pub(super) fn note_use(disk: &Path) {
    let note = File::options()
        .append(true)
        .open(disk.with_extension("json"));
    let _ = note.and_then(|note| note.set_modified(SystemTime::now()));
}
