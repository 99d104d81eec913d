use std::path::{Path, PathBuf};

use crate::{Disk, DiskSource};

/// A machine that was saved: a folder with all of its state. Nothing ever writes to it again; any number of machines start from it.
///
/// | file | what |
/// |---|---|
/// | `ram` | main memory, sparse |
/// | `devices` | everything else of the machine: QEMU's migration stream without the main memory |
/// | `disk<N>.qcow2` | for each disk that is written to: the overlay, on top of the image or of the checkpoint before |
/// | `variables` | the firmware's variables, where they are in a flash chip |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedMachine {
    folder: PathBuf,
}

impl SavedMachine {
    /// The one in `folder`, which is absolute.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The main memory.
    pub(super) fn ram(&self) -> PathBuf {
        self.folder.join("ram")
    }

    /// The state of the devices.
    pub(super) fn devices(&self) -> PathBuf {
        self.folder.join("devices")
    }

    /// The overlay of a disk.
    pub(super) fn disk(&self, index: usize) -> PathBuf {
        self.folder.join(format!("disk{index}.qcow2"))
    }

    /// The firmware's variables.
    pub(super) fn variables(&self) -> PathBuf {
        self.folder.join("variables")
    }

    /// The disks of a machine that goes on here. What is in the drive for CDs is the spec's; any other disk has the size it was saved with.
    pub(super) fn disks(&self, disks: &[Disk]) -> Vec<Disk> {
        let of = |(index, disk): (usize, &Disk)| match &disk.source {
            DiskSource::Cdrom(_) | DiskSource::EmptyDrive => disk.clone(),
            DiskSource::Overlay(_) | DiskSource::Blank { .. } => Disk {
                source: DiskSource::Overlay(self.disk(index)),
                grown_to_mib: None,
                ..disk.clone()
            },
        };
        disks.iter().enumerate().map(of).collect()
    }
}
