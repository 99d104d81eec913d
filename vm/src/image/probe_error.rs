use std::{io, path::PathBuf};

use super::FileFormat;

/// The reason why a path is no disk image, or none that may be opened.
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
    #[error("{} is not a disk image: it is {found}; {advice}", path.display())]
    NotADisk {
        /// The path asked for.
        path: PathBuf,
        /// A description of its first bytes.
        found: String,
        /// The advice on what to write or do instead.
        advice: String,
    },
    /// A file is there that surely is no kernel, or none for the machine.
    #[error("{} is no kernel: it is {found}; {advice}", path.display())]
    NotAKernel {
        /// The path asked for.
        path: PathBuf,
        /// The name of what it is.
        found: String,
        /// The advice on what to write or do instead.
        advice: String,
    },
    /// A file is there that surely is no initial RAM disk.
    #[error("{} is no initial RAM disk: it is {found}; `initrd:` takes a cpio archive, packed or not", path.display())]
    NotAnInitrd {
        /// The path asked for.
        path: PathBuf,
        /// The name of what it is.
        found: String,
    },
    /// The file ends before what it says it has.
    #[error("{} is cut off: {why}; the copy or download of it probably broke off, get it again", path.display())]
    Cut {
        /// The path asked for.
        path: PathBuf,
        /// The part that is not there.
        why: String,
    },
    /// The file's own tables contradict each other, or QEMU could not use them.
    #[error("{} cannot be used: {why}", path.display())]
    Unusable {
        /// The path asked for.
        path: PathBuf,
        /// The fault.
        why: String,
    },
    /// The image names something of the host that it has no right to.
    #[error("{} is not opened: {why}; {advice}", path.display())]
    Forbidden {
        /// The image, or the file that it stands on.
        path: PathBuf,
        /// The thing that it asks for.
        why: String,
        /// The advice for those who mean it so.
        advice: String,
    },
    /// The file is of another format than was said.
    #[error("{} is said to be {said}, but is {found}", path.display())]
    OtherFormat {
        /// The path asked for.
        path: PathBuf,
        /// The format that was named.
        said: FileFormat,
        /// A description of its first bytes.
        found: String,
    },
    /// The file is there but cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The path asked for.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl ProbeError {
    /// Returns whether the file is at fault, so that no host could run it. Else it is not there or cannot be read.
    #[must_use]
    pub fn is_of_the_file(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Unreadable { .. } => false,
            Self::Directory { .. }
            | Self::Empty { .. }
            | Self::NotADisk { .. }
            | Self::NotAKernel { .. }
            | Self::NotAnInitrd { .. }
            | Self::Cut { .. }
            | Self::Unusable { .. }
            | Self::Forbidden { .. }
            | Self::OtherFormat { .. } => true,
        }
    }
}

/// A fault inside of a file; the caller knows its path.
#[derive(Debug)]
pub(super) enum Fault {
    /// It ends too early.
    Cut(String),
    /// It cannot be used.
    Unusable(String),
    /// It cannot be read.
    Unreadable(io::Error),
}

impl Fault {
    /// The same with the path of the file.
    pub(super) fn of(self, path: &std::path::Path) -> ProbeError {
        let path = path.to_owned();
        match self {
            Self::Cut(why) => ProbeError::Cut { path, why },
            Self::Unusable(why) => ProbeError::Unusable { path, why },
            Self::Unreadable(source) => ProbeError::Unreadable { path, source },
        }
    }

    /// Something at `needed` that a file of `has` bytes does not have.
    pub(super) fn cut(what: &str, needed: u64, has: u64) -> Self {
        Self::Cut(format!(
            "{what} is at byte {needed}, and the file has {has} bytes"
        ))
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}
