//! Unpacks a bundle. It may be from a stranger: nothing is written outside of the new folder, and its size has a limit.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::limits::{DEEPEST, LOG, LONGEST_NAME, MOST_BYTES, MOST_FILES};

/// The most bytes that are read to find out which files a bundle has.
const MOST_OF_DIRECTORY: u64 = 32 << 20;

/// A bundle could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// It is no zip file, or damaged.
    #[error("it is no bundle, or it is damaged: {0}")]
    Damaged(#[from] ZipError),
    /// It has too many files.
    #[error("it has {0} files: a bundle has at most {MOST_FILES}")]
    TooMany(usize),
    /// Its files are too large.
    #[error("its files have more than {MOST_BYTES} bytes together")]
    TooLarge,
    /// The name of a file is no name of a bundle.
    #[error("it has a file `{0}`, whose name is not allowed in a bundle")]
    Name(String),
    /// Something in it is no file.
    #[error("`{0}` in it is a link, or encrypted")]
    NoFile(String),
    /// Two files have one name.
    #[error("it has two files of the name `{0}`")]
    Twice(String),
    /// It has no event log.
    #[error("it has no `{LOG}`: it is no bundle of `qa report --bundle`")]
    NoLog,
    /// A file cannot be written.
    #[error("it cannot be unpacked into `{}`: {error}", .folder.display())]
    Write {
        /// The folder.
        folder: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
}

/// Returns true if a path is a file that begins as a zip file does.
pub(crate) fn is_bundle(path: &Path) -> bool {
    let mut begin = [0; 4];
    let opened = File::open(path).and_then(|mut file| file.read_exact(&mut begin));
    opened.is_ok() && begin == *b"PK\x03\x04"
}

/// Unpacks a bundle into a folder beside it and returns this folder: `login.zip` into `login`, or into `login-2` if
/// `login` is something else. A folder that has the same event log is used again.
///
/// # Errors
/// When it is no bundle, goes beyond the limits, or cannot be written.
pub(crate) fn unpack(bundle: &Path) -> Result<PathBuf, UnpackError> {
    let beside = bundle.parent().filter(|of| !of.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    let write = |error| UnpackError::Write {
        folder: beside.to_owned(),
        error,
    };
    let file = File::open(bundle).map_err(write)?;
    let draft = tempfile::Builder::new()
        .prefix(".bundle-")
        .tempdir_in(beside)
        .map_err(write)?;
    unpack_into(file, draft.path())?;
    let log = fs::read(draft.path().join(LOG)).map_err(write)?;
    let stem = bundle.file_stem().unwrap_or(bundle.as_os_str());
    for number in 1..1000_u32 {
        let mut name = stem.to_owned();
        if number > 1 {
            name.push(format!("-{number}"));
        }
        let folder = beside.join(name);
        // A bundle without an extension has the name of its folder.
        if folder.symlink_metadata().is_err() {
            set_mode(draft.path()).map_err(write)?;
            fs::rename(draft.path(), &folder).map_err(write)?;
            return Ok(folder);
        }
        if fs::read(folder.join(LOG)).is_ok_and(|other| other == log) {
            return Ok(folder);
        }
    }
    Err(write(io::Error::other(
        "there are too many folders of this name",
    )))
}

/// Lets others read the folder, as they may read that of a run.
fn set_mode(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

/// Unpacks into an empty folder, without the one folder in which a bundle has all its files.
fn unpack_into<R: Read + Seek>(bundle: R, folder: &Path) -> Result<(), UnpackError> {
    let left = Rc::new(Cell::new(MOST_OF_DIRECTORY));
    let reader = BufReader::new(Metered {
        reader: bundle,
        left: Rc::clone(&left),
    });
    let mut archive = ZipArchive::new(reader)?;
    if archive.len() > MOST_FILES {
        return Err(UnpackError::TooMany(archive.len()));
    }
    // From now on, what is written has a limit.
    left.set(u64::MAX);
    let mut room = MOST_BYTES;
    let mut names = BTreeSet::new();
    for index in 0..archive.len() {
        let Some(name) = name_of(&archive.by_index_raw(index)?)? else {
            continue; // Folders are made for their files.
        };
        if !names.insert(name.clone()) {
            return Err(UnpackError::Twice(name));
        }
        let mut packed = archive.by_index(index)?;
        let path = folder.join(&name);
        room = copy(&mut packed, &path, room)?;
    }
    match names.contains(LOG) {
        true => Ok(()),
        false => Err(UnpackError::NoLog),
    }
}

/// Returns the name of a file without the folder of the bundle; none for a folder.
fn name_of<R: Read>(packed: &ZipFile<'_, R>) -> Result<Option<String>, UnpackError> {
    let raw = || String::from_utf8_lossy(packed.name_raw()).into_owned();
    if packed.is_dir() {
        return Ok(None);
    }
    if !packed.is_file() || packed.encrypted() {
        return Err(UnpackError::NoFile(raw()));
    }
    match name_inside(packed.name_raw()) {
        Some(name) => Ok(Some(name)),
        None => Err(UnpackError::Name(raw())),
    }
}

/// Writes a file with at most `room` bytes, and returns the room that is left. The size that the bundle states is not
/// asked: it may be wrong.
fn copy(packed: &mut impl Read, path: &Path, room: u64) -> Result<u64, UnpackError> {
    let write = |error: io::Error| match error.kind() {
        // What is packed is not what it says.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            UnpackError::Damaged(error.into())
        }
        _ => UnpackError::Write {
            folder: path.parent().unwrap_or(path).to_owned(),
            error,
        },
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(write)?;
    }
    let mut file = File::create_new(path).map_err(write)?;
    let written = io::copy(&mut packed.take(room.saturating_add(1)), &mut file).map_err(write)?;
    room.checked_sub(written).ok_or(UnpackError::TooLarge)
}

/// Returns the name of a file without the folder of the bundle; none for a name that no bundle has.
fn name_inside(raw: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(raw).ok()?;
    let parts: Vec<&str> = name.split('/').collect();
    let is_plain = |part: &str| {
        let is_outside = matches!(part, "" | "." | "..");
        !is_outside && !part.contains(|c: char| c.is_control() || c == '\\')
    };
    let fits = name.len() <= LONGEST_NAME && (2..=DEEPEST).contains(&parts.len());
    (fits && parts.iter().copied().all(is_plain)).then(|| parts[1..].join("/"))
}

/// A reader that gives only so many bytes.
struct Metered<R> {
    reader: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        match self.left.get().checked_sub(read as u64) {
            Some(left) => {
                self.left.set(left);
                Ok(read)
            }
            None => Err(io::Error::other("the list of its files is too long")),
        }
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}

#[cfg(test)]
mod tests;
