//! The reasons why a file cannot be used as an image.

use std::{io, path::PathBuf};

use super::FileFormat;

/// The reason why a path is no disk image, or one that must not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The path does not exist.
    #[error("no image at {}; check the path, or build a reference image with `qa image build`", path.display())]
    Missing {
        /// The path asked for.
        path: PathBuf,
    },
    /// The path is a folder.
    #[error("{} is a directory, not a disk image; name the file in it", path.display())]
    Directory {
        /// The path asked for.
        path: PathBuf,
    },
    /// The file has no bytes.
    #[error("{} is empty; the copy or download of it was probably cut off, get it again", path.display())]
    Empty {
        /// The path asked for.
        path: PathBuf,
    },
    /// The file is nothing that firmware starts from.
    #[error("{} is not a disk image: it is {found}; {advice}", path.display())]
    NotADisk {
        /// The path asked for.
        path: PathBuf,
        /// The description of its first bytes.
        found: String,
        /// The advice on the next step.
        advice: String,
    },
    /// The file surely is no kernel, or none for the machine.
    #[error("{} is no kernel: it is {found}; {advice}", path.display())]
    NotAKernel {
        /// The path asked for.
        path: PathBuf,
        /// The name of its kind.
        found: String,
        /// The advice on the next step.
        advice: String,
    },
    /// The file surely is no initial RAM disk.
    #[error("{} is no initial RAM disk: it is {found}; `initrd:` takes a cpio archive, packed or not", path.display())]
    NotAnInitrd {
        /// The path asked for.
        path: PathBuf,
        /// The name of its kind.
        found: String,
    },
    /// The file ends before the end that its header tells.
    #[error("{} is cut off: {why}; the copy or download of it probably broke off, get it again", path.display())]
    Cut {
        /// The path asked for.
        path: PathBuf,
        /// The part that is missing.
        why: String,
    },
    /// The tables of the file contradict each other, or QEMU cannot use them.
    #[error("{} cannot be used: {why}", path.display())]
    Unusable {
        /// The path asked for.
        path: PathBuf,
        /// The fault.
        why: String,
    },
    /// The image names a file of the host that it may not open.
    #[error("{} is not opened: {why}; {advice}", path.display())]
    Forbidden {
        /// The image, or its backing file.
        path: PathBuf,
        /// The file that it asks for.
        why: String,
        /// The advice for a user who wants it opened.
        advice: String,
    },
    /// The file has another format than the one that was named.
    #[error("{} is said to be {said}, but is {found}", path.display())]
    OtherFormat {
        /// The path asked for.
        path: PathBuf,
        /// The format that was named.
        said: FileFormat,
        /// The description of its first bytes.
        found: String,
    },
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The path asked for.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl ProbeError {
    /// Returns true if the file is at fault, so that no host could use it. Otherwise it does not exist or cannot be
    /// read.
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

/// A fault inside of a file, without the path, which the caller knows.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file ends too early.
    Cut(String),
    /// The file cannot be used.
    Unusable(String),
    /// The file cannot be read.
    Unreadable(io::Error),
}

impl Fault {
    /// Returns the fault with the path of the file.
    pub(super) fn of(self, path: &std::path::Path) -> ProbeError {
        let path = path.to_owned();
        match self {
            Self::Cut(why) => ProbeError::Cut { path, why },
            Self::Unusable(why) => ProbeError::Unusable { path, why },
            Self::Unreadable(source) => ProbeError::Unreadable { path, source },
        }
    }

    /// Returns the fault of a file of `has` bytes that needs the place at `needed`.
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
