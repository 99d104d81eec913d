use std::path::PathBuf;

/// A disk of a machine. The first one is what the firmware boots from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// What is on it.
    pub source: DiskSource,
}

/// Where a disk's content comes from. Nothing a machine does ever changes a file named here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskSource {
    /// A hard disk (virtio-blk) that starts as the image; what the guest writes goes to an overlay of the run.
    Overlay(PathBuf),
    /// A CD or DVD in a drive: an ISO image, raw or in a qcow2 file, read-only.
    Cdrom(PathBuf),
    /// A drive for CDs and DVDs with nothing in it.
    EmptyDrive,
    /// A hard disk (virtio-blk) of that many MiB, empty at first.
    Blank {
        /// Its size.
        size_mib: u64,
    },
}

impl Disk {
    /// A hard disk that starts as the image at `path`.
    pub fn overlay(path: impl Into<PathBuf>) -> Self {
        Self {
            source: DiskSource::Overlay(path.into()),
        }
    }

    /// A CD or DVD with the ISO image at `path`.
    pub fn cdrom(path: impl Into<PathBuf>) -> Self {
        Self {
            source: DiskSource::Cdrom(path.into()),
        }
    }

    /// A drive for CDs and DVDs with nothing in it.
    #[must_use]
    pub fn empty_drive() -> Self {
        Self {
            source: DiskSource::EmptyDrive,
        }
    }

    /// An empty hard disk.
    #[must_use]
    pub fn blank(size_mib: u64) -> Self {
        Self {
            source: DiskSource::Blank { size_mib },
        }
    }
}
