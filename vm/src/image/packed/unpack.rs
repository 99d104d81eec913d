//! Unpacks an image into the store.

use std::{
    fs::{self, File, TryLockError},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{
    Packing,
    kept::{KEPT_UNUSED, Note, is_there, note_use},
};
use crate::image::{Digest, DigestError, ImageStore, StoreError, metadata::write_json};

/// The progress of unpacking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unpacking {
    /// Another process unpacks the same file. This one waits for its result.
    WaitingForAnother,
    /// Unpacking begins.
    Begins {
        /// The packed file.
        packed: PathBuf,
        /// Its length in bytes.
        bytes: u64,
    },
    /// More bytes have come out.
    Unpacked {
        /// Bytes of the disk so far.
        bytes: u64,
        /// The part of the packed file that was read, in percent.
        percent: u8,
    },
}

/// The limits for the content of a packed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnpackLimits {
    /// The most bytes of the disk. A few packed bytes can stand for any number of zeros.
    pub most_bytes: u64,
    /// Bytes that must stay free on the file system of the cache.
    pub keep_free: u64,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self {
            most_bytes: 128 << 30,
            keep_free: 512 << 20,
        }
    }
}

/// The reason why a packed image was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The packed file ends too early.
    #[error("{} is cut off: what {program} packed goes on beyond its end; the copy or download of it probably broke \
        off, get it again", path.display())]
    Cut {
        /// The packed file.
        path: PathBuf,
        /// The program that packed it.
        program: &'static str,
    },
    /// The content of the packed file is damaged.
    #[error("{} is damaged: {program} cannot have packed it so; get it again", path.display())]
    Damaged {
        /// The packed file.
        path: PathBuf,
        /// The program that packed it.
        program: &'static str,
        /// The error.
        source: io::Error,
    },
    /// The content is larger than any disk.
    #[error("{} is not unpacked: more than {} GiB come out of it, which is the limit; where that is meant, \
        unpack it by hand and name the disk", path.display(), limit >> 30)]
    TooLarge {
        /// The packed file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// The file system of the cache is full.
    #[error("there is no room to unpack {}: {} MiB of it are written, and {} MiB are free in {}; make room there, \
        or let XDG_CACHE_HOME name a folder that has it", path.display(), written >> 20, free >> 20, folder.display())]
    NoRoom {
        /// The packed file.
        path: PathBuf,
        /// Bytes that were written.
        written: u64,
        /// Bytes that are free.
        free: u64,
        /// The cache's folder.
        folder: PathBuf,
    },
    /// The packed file cannot be read.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// The cache cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl UnpackError {
    /// Returns true if the file is at fault, so that no host could unpack it.
    #[must_use]
    pub fn is_of_the_file(&self) -> bool {
        match self {
            Self::Cut { .. } | Self::Damaged { .. } | Self::TooLarge { .. } => true,
            Self::NoRoom { .. } | Self::Digest(_) | Self::Store(_) => false,
        }
    }
}

/// The size of the pieces in which disks are written. Pieces of zeros are left out.
const PIECE: usize = 64 << 10;
/// The number of bytes after which progress is told and the free space is checked.
const TELL_EVERY: u64 = 256 << 20;

impl ImageStore {
    /// Returns the disk in the packed file at `path`. Unpacks it at some hundred megabytes a second, unless it was
    /// unpacked before. A disk is known by the digest of the packed file, and is complete or does not exist. Two
    /// processes unpack it once.
    ///
    /// # Errors
    /// See [`UnpackError`]. Nothing is left behind.
    pub fn unpacked(
        &self,
        path: &Path,
        packing: Packing,
        limits: UnpackLimits,
        mut on_progress: impl FnMut(Unpacking),
    ) -> Result<PathBuf, UnpackError> {
        let digest = self.digest_of(path)?;
        let folder = self.unpacked_folder();
        fs::create_dir_all(&folder).map_err(|source| StoreError::io("create", &folder, source))?;
        let disk = folder.join(format!("{digest}.img"));
        if is_there(&disk) {
            note_use(&disk);
            return Ok(disk);
        }
        // A nightly image has a new digest every night, and those of a month ago are of no use. A failure to remove
        // them does not prevent the new one.
        let _ = self.prune_unpacked(KEPT_UNUSED);
        let lock_path = folder.join(format!(".{digest}.lock"));
        let lock = lock(&lock_path, || on_progress(Unpacking::WaitingForAnother))
            .map_err(|source| StoreError::io("lock", &lock_path, source))?;
        // The former holder of the lock may have unpacked this file just now.
        if !is_there(&disk) {
            let run = Run {
                packed: path,
                packing,
                limits,
                aside: folder.join(format!(".{digest}.part")),
            };
            let note = run.run(&mut on_progress);
            if note.is_err() {
                // The rest of it is of no use. If it stays, the next attempt overwrites it.
                let _ = fs::remove_file(&run.aside);
            }
            let note = note?;
            fs::rename(&run.aside, &disk)
                .map_err(|source| StoreError::io("write", &disk, source))?;
            let beside = disk.with_extension("json");
            write_json(&beside, &note)
                .map_err(|source| StoreError::io("write", &beside, source))?;
        }
        // The file of the lock stays. If it were removed, two processes could lock two files of one name.
        drop(lock);
        Ok(disk)
    }
}

/// Takes the lock. Calls `on_wait` once if another process has it.
fn lock(path: &Path, on_wait: impl FnOnce()) -> io::Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            on_wait();
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    Ok(file)
}

/// Returns true if an error, or its cause, is that a file ends too early.
fn is_cut(error: &(dyn std::error::Error + 'static)) -> bool {
    let own = error.downcast_ref::<io::Error>();
    own.is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
        || own
            .and_then(io::Error::get_ref)
            .is_some_and(|inner| is_cut(inner))
        || error.source().is_some_and(is_cut)
}

struct Run<'r> {
    packed: &'r Path,
    packing: Packing,
    limits: UnpackLimits,
    aside: PathBuf,
}

impl Run<'_> {
    fn run(&self, on_progress: &mut impl FnMut(Unpacking)) -> Result<Note, UnpackError> {
        let unreadable = |source| DigestError {
            path: self.packed.to_owned(),
            source,
        };
        let packed = File::open(self.packed).map_err(unreadable)?;
        let packed_bytes = packed.metadata().map_err(unreadable)?.len();
        on_progress(Unpacking::Begins {
            packed: self.packed.to_owned(),
            bytes: packed_bytes,
        });
        // The position in the file itself: the reader has only borrowed it.
        let mut reader = self
            .packing
            .reader(BufReader::with_capacity(1 << 20, &packed));
        let position = || (&packed).stream_position().unwrap_or(0);
        let mut disk = File::create(&self.aside).map_err(|error| self.not_written(0, error))?;
        let mut hasher = Sha256::new();
        let (mut bytes, mut written, mut told) = (0_u64, 0_u64, 0_u64);
        let mut piece = Vec::with_capacity(PIECE);
        loop {
            piece.clear();
            let read = reader.by_ref().take(PIECE as u64).read_to_end(&mut piece);
            read.map_err(|error| self.bad(error))?;
            if piece.is_empty() {
                break;
            }
            hasher.update(&piece);
            bytes += piece.len() as u64;
            if bytes > self.limits.most_bytes {
                return Err(UnpackError::TooLarge {
                    path: self.packed.to_owned(),
                    limit: self.limits.most_bytes,
                });
            }
            let put = match piece.iter().all(|byte| *byte == 0) {
                true => disk.seek(SeekFrom::Current(piece.len() as i64)).map(drop),
                false => {
                    written += piece.len() as u64;
                    disk.write_all(&piece)
                }
            };
            put.map_err(|error| self.not_written(written, error))?;
            if bytes - told >= TELL_EVERY || told == 0 {
                told = bytes;
                self.look_for_room(written)?;
                let percent = position().saturating_mul(100) / packed_bytes.max(1);
                on_progress(Unpacking::Unpacked {
                    bytes,
                    percent: u8::try_from(percent).unwrap_or(100),
                });
            }
        }
        disk.set_len(bytes)
            .and_then(|()| disk.sync_data())
            .map_err(|error| self.not_written(written, error))?;
        Ok(Note {
            packed: self.packed.to_owned(),
            bytes,
            digest: Digest::from_hasher(hasher),
        })
    }

    fn bad(&self, source: io::Error) -> UnpackError {
        let (path, program) = (self.packed.to_owned(), self.packing.program());
        match is_cut(&source) {
            true => UnpackError::Cut { path, program },
            false => UnpackError::Damaged {
                path,
                program,
                source,
            },
        }
    }

    fn free(&self) -> Option<u64> {
        let folder = rustix::fs::statvfs(self.aside.parent()?).ok()?;
        Some(folder.f_bavail.saturating_mul(folder.f_frsize))
    }

    fn look_for_room(&self, written: u64) -> Result<(), UnpackError> {
        match self.free() {
            Some(free) if free < self.limits.keep_free => Err(self.no_room(written, free)),
            Some(_) | None => Ok(()),
        }
    }

    fn no_room(&self, written: u64, free: u64) -> UnpackError {
        UnpackError::NoRoom {
            path: self.packed.to_owned(),
            written,
            free,
            folder: self.aside.parent().unwrap_or(&self.aside).to_owned(),
        }
    }

    fn not_written(&self, written: u64, error: io::Error) -> UnpackError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                self.no_room(written, self.free().unwrap_or(0))
            }
            _ => StoreError::io("write", &self.aside, error).into(),
        }
    }
}

#[cfg(test)]
mod tests;
