use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// What a disk image's first bytes say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// QEMU's own copy-on-write format.
    Qcow2,
    /// The bytes of a disk, with a GUID partition table.
    RawGpt,
    /// The bytes of a disk, with a boot sector or MBR partition table.
    RawMbr,
    /// An ISO 9660 file system (CD, DVD), be it a hybrid with a boot sector or not.
    Iso,
}

/// A file that is a disk image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbedImage {
    /// Its format.
    pub format: ImageFormat,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// Why a path is no disk image.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Nothing is there.
    #[error("no image at {}; check the path, or build a reference image with `qa image build`", path.display())]
    Missing {
        /// The path asked for.
        path: PathBuf,
    },
    /// A folder is there.
    #[error("{} is a directory, not a disk image; name the file in it", path.display())]
    Directory {
        /// The path asked for.
        path: PathBuf,
    },
    /// A file of no bytes is there.
    #[error("{} is empty; the copy or download of it was probably cut off, get it again", path.display())]
    Empty {
        /// The path asked for.
        path: PathBuf,
    },
    /// A file is there that no firmware would boot from.
    #[error("{} is not a disk image: it is {found}; expected qcow2, a raw disk with a partition table or boot sector, or an ISO", path.display())]
    NotADisk {
        /// The path asked for.
        path: PathBuf,
        /// What its first bytes look like.
        found: String,
    },
    /// The file is there but cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The path asked for.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Looks at the file at `path` and says which kind of disk image it is. Reads at most 33 KiB.
///
/// # Errors
/// See [`ProbeError`]; each says what to do next.
pub fn probe(path: &Path) -> Result<ProbedImage, ProbeError> {
    let _ = path;
    todo!()
}
