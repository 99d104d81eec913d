//! Notices a changed file without reading it.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::ProbedImage;

/// The properties by which a changed file is noticed without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) path: PathBuf,
    bytes: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, i64),
    inode: u64,
    device: u64,
}

impl Identity {
    pub(super) fn of(path: &Path, file: &Metadata) -> Self {
        Self {
            path: path.to_owned(),
            bytes: file.len(),
            modified: (file.mtime(), file.mtime_nsec()),
            inode: file.ino(),
            device: file.dev(),
        }
    }
}

/// The files of an image as they were at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageStamp(Vec<Identity>);

impl ImageStamp {
    /// Returns the files as they are now.
    ///
    /// # Errors
    /// When one of them does not exist.
    pub fn of(image: &ProbedImage) -> io::Result<Self> {
        let files = image.files();
        let stamps = files.map(|path| Ok(Identity::of(path, &fs::metadata(path)?)));
        stamps.collect::<io::Result<_>>().map(Self)
    }

    /// Returns what has happened to the first file that has changed, as part of a sentence. Returns none if all are
    /// unchanged.
    #[must_use]
    pub fn change(&self) -> Option<String> {
        self.0.iter().find_map(|before| {
            let path = before.path.display();
            let now = match fs::metadata(&before.path) {
                Ok(file) => Identity::of(&before.path, &file),
                Err(error) => return Some(format!("{path} cannot be found any more: {error}")),
            };
            if now == *before {
                None
            } else if (now.inode, now.device) != (before.inode, before.device) {
                Some(format!("{path} was replaced by another file"))
            } else if now.bytes == before.bytes {
                Some(format!("{path} was written to"))
            } else {
                let (had, has) = (before.bytes, now.bytes);
                Some(format!("{path} had {had} bytes, and has {has}"))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{ImageFile, Purpose};

    #[test]
    fn a_file_that_is_not_as_it_was_is_told_with_what_became_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk");
        fs::write(&path, [7; 512]).unwrap();
        let image = ImageFile {
            purpose: Purpose::Data,
            ..ImageFile::new(path.as_path())
        };
        let stamp = ImageStamp::of(&image.open().unwrap()).unwrap();
        assert_eq!(stamp.change(), None);
        let says = |part: &str| {
            let change = stamp.change().unwrap();
            assert!(change.contains(part), "{change}");
        };
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_len(100).unwrap();
        says("had 512 bytes, and has 100");
        file.set_len(512).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
        says("was written to");
        fs::write(folder.path().join("other"), [7; 512]).unwrap();
        fs::rename(folder.path().join("other"), &path).unwrap();
        says("was replaced by another file");
        fs::remove_file(&path).unwrap();
        says("cannot be found any more");
    }
}
