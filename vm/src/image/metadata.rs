//! The notes beside the images of the store.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::{BuiltImage, Digest};

/// The version of the notes. An image whose note has another version counts as not built, because building again is
/// always right.
const FORMAT: u32 = 1;

/// The note of an image, beside its disk file. It is written last: an image without it is not complete.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Metadata {
    format: u32,
    name: String,
    digest: Digest,
    recipe_digest: Digest,
    /// Seconds since 1970.
    built: u64,
    bytes: u64,
}

impl Metadata {
    pub(super) fn of(image: &BuiltImage) -> Self {
        let since = image.built.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            format: FORMAT,
            name: image.name.clone(),
            digest: image.digest,
            recipe_digest: image.recipe_digest,
            built: since.as_secs(),
            bytes: image.bytes,
        }
    }

    /// Returns the image of the note `noted` if it is complete: its disk is there, in the size of the note.
    ///
    /// # Errors
    /// When the note or the disk is there but cannot be read.
    pub(super) fn read(noted: &Path) -> io::Result<Option<BuiltImage>> {
        let Some(text) = found(fs::read(noted))? else {
            return Ok(None);
        };
        let Ok(metadata) = serde_json::from_slice::<Self>(&text) else {
            return Ok(None);
        };
        let path = noted.with_extension("qcow2");
        let Some(disk) = found(path.metadata())? else {
            return Ok(None);
        };
        let complete = metadata.format == FORMAT && disk.is_file() && disk.len() == metadata.bytes;
        Ok(complete.then(|| metadata.into_image(path)))
    }

    fn into_image(self, path: PathBuf) -> BuiltImage {
        let built = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.built));
        BuiltImage {
            name: self.name,
            path,
            digest: self.digest,
            recipe_digest: self.recipe_digest,
            built: built.unwrap_or(UNIX_EPOCH),
            bytes: self.bytes,
        }
    }
}

/// Writes `value` as the JSON file `path`. After a crash the file is complete and on disk, or it is not there.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut aside, value)?;
    aside.write_all(b"\n")?;
    aside.as_file().sync_all()?;
    aside.persist(path)?;
    sync_folder(folder)
}

/// Syncs the names in a folder to disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Turns the error of a file that does not exist into none.
pub(super) fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
