//! Digests of files, kept in notes so that large files are read once.

use std::{
    fs::{self, File},
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use super::{Digest, metadata::write_json, stamp::Identity};

/// An image file whose digest cannot be taken.
#[derive(Debug, thiserror::Error)]
#[error("cannot take the digest of the image {}", path.display())]
pub struct DigestError {
    /// The image.
    pub path: PathBuf,
    /// The reason.
    pub source: io::Error,
}

/// The least age of a file whose digest is noted. A younger file may change again without a change of its modification
/// time.
const SETTLED: Duration = Duration::from_secs(2);

/// Digests of files, kept in notes so that gigabytes are read once. Each file has one note, which is named by the
/// digest of the file's path.
pub(super) struct DigestCache {
    folder: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    identity: Identity,
    digest: Digest,
}

impl DigestCache {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Returns the digest of the file at `path`.
    pub(super) fn digest_of(&self, path: &Path) -> Result<Digest, DigestError> {
        self.take(path).map_err(|source| DigestError {
            path: path.to_owned(),
            source,
        })
    }

    fn take(&self, path: &Path) -> io::Result<Digest> {
        let path = path.canonicalize()?;
        let mut file = File::open(&path)?;
        let identity = Identity::of(&path, &file.metadata()?);
        if let Some(digest) = self.noted(&identity) {
            return Ok(digest);
        }
        let digest = Digest::of_reader(&mut file)?;
        let after = file.metadata()?;
        let age = SystemTime::now().duration_since(after.modified()?);
        if Identity::of(&path, &after) == identity && age.is_ok_and(|age| age >= SETTLED) {
            self.note(identity, digest);
        }
        Ok(digest)
    }

    fn noted(&self, identity: &Identity) -> Option<Digest> {
        let note: Note = serde_json::from_slice(&fs::read(self.file(&identity.path)).ok()?).ok()?;
        (note.identity == *identity).then_some(note.digest)
    }

    fn note(&self, identity: Identity, digest: Digest) {
        let file = self.file(&identity.path);
        // If a note cannot be written, the image is read again next time. Nothing else is lost.
        let _ = fs::create_dir_all(&self.folder)
            .and_then(|()| write_json(&file, &Note { identity, digest }));
    }

    fn file(&self, path: &Path) -> PathBuf {
        let name = Digest::of_bytes(path.as_os_str().as_bytes());
        self.folder.join(format!("{name}.json"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn write_at(path: &Path, text: &str, time: SystemTime) {
        fs::write(path, text).unwrap();
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(time)
            .unwrap();
    }

    #[test]
    fn a_file_is_read_once_as_long_as_it_looks_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let cache = DigestCache::new(folder.path().join("notes"));
        let disk = folder.path().join("disk");
        let long_ago = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        write_at(&disk, "one", long_ago);
        assert_eq!(cache.digest_of(&disk).unwrap(), Digest::of_bytes(b"one"));
        // Size, time and inode are the same: only the note can give this answer.
        write_at(&disk, "two", long_ago);
        assert_eq!(cache.digest_of(&disk).unwrap(), Digest::of_bytes(b"one"));
        write_at(&disk, "two", long_ago + Duration::from_nanos(1));
        assert_eq!(cache.digest_of(&disk).unwrap(), Digest::of_bytes(b"two"));
    }

    #[test]
    fn a_file_just_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = DigestCache::new(folder.path().join("notes"));
        let disk = folder.path().join("disk");
        let soon = SystemTime::now() + Duration::from_secs(3600);
        for text in ["one", "two"] {
            write_at(&disk, text, soon);
            assert_eq!(
                cache.digest_of(&disk).unwrap(),
                Digest::of_bytes(text.as_bytes())
            );
        }
    }

    #[test]
    fn a_broken_note_and_a_folder_that_takes_none_cost_only_time() {
        let folder = tempfile::tempdir().unwrap();
        let disk = folder.path().join("disk");
        write_at(&disk, "one", UNIX_EPOCH);
        // A file has the folder's name.
        let cache = DigestCache::new(disk.clone());
        assert_eq!(cache.digest_of(&disk).unwrap(), Digest::of_bytes(b"one"));

        let cache = DigestCache::new(folder.path().join("notes"));
        cache.digest_of(&disk).unwrap();
        let note = fs::read_dir(folder.path().join("notes"))
            .unwrap()
            .next()
            .unwrap();
        fs::write(note.unwrap().path(), "{").unwrap();
        assert_eq!(cache.digest_of(&disk).unwrap(), Digest::of_bytes(b"one"));
    }

    #[test]
    fn a_missing_file_is_told_with_its_path() {
        let cache = DigestCache::new("/nowhere/notes".into());
        let error = cache.digest_of("/nowhere/disk".as_ref()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot take the digest of the image /nowhere/disk"
        );
    }
}
