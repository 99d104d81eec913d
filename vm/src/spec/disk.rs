//! The disks of machines.

use crate::{Arch, image::ImageFile};

/// A disk of a machine. The first one is what the firmware boots from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// The content.
    pub source: DiskSource,
    /// The bus. None means [`Disk::usual_bus`].
    pub bus: Option<DiskBus>,
    /// The size in MiB to which a hard disk grows from that of its image. None keeps the size.
    pub grown_to_mib: Option<u64>,
    /// The size of a sector in bytes: 512, or 4096 if the content of the disk counts so.
    pub sector_bytes: u32,
}

/// The content of a disk. A machine never changes a file that is named here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskSource {
    /// A hard disk that starts as the image. The guest's writes go to an overlay of the run.
    Overlay(ImageFile),
    /// A CD or DVD in a drive: an ISO image, raw or in another format. Read-only.
    Cdrom(ImageFile),
    /// A drive for CDs and DVDs without a medium.
    EmptyDrive,
    /// An empty hard disk.
    Blank {
        /// The size in MiB.
        size_mib: u64,
    },
}

/// The bus that a disk is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DiskBus {
    /// A virtio block device of its own.
    Virtio,
    /// An NVMe controller of its own.
    Nvme,
    /// The machine's virtio SCSI controller.
    Scsi,
    /// A USB stick.
    Usb,
    /// The machine's SATA controller (IDE on machines of type `pc`).
    Sata,
}

impl Disk {
    /// Returns a hard disk that starts as the image.
    pub fn overlay(image: impl Into<ImageFile>) -> Self {
        Self::of(DiskSource::Overlay(image.into()))
    }

    /// Returns a CD or DVD with the ISO image.
    pub fn cdrom(image: impl Into<ImageFile>) -> Self {
        Self::of(DiskSource::Cdrom(image.into()))
    }

    /// Returns a drive for CDs and DVDs without a medium.
    #[must_use]
    pub fn empty_drive() -> Self {
        Self::of(DiskSource::EmptyDrive)
    }

    /// Returns an empty hard disk.
    #[must_use]
    pub fn blank(size_mib: u64) -> Self {
        Self::of(DiskSource::Blank { size_mib })
    }

    fn of(source: DiskSource) -> Self {
        Self {
            source,
            bus: None,
            grown_to_mib: None,
            sector_bytes: 512,
        }
    }

    /// Returns the same disk on that bus.
    #[must_use]
    pub fn on(self, bus: DiskBus) -> Self {
        Self {
            bus: Some(bus),
            ..self
        }
    }

    /// Returns the bus of this disk in machines of an architecture.
    #[must_use]
    pub fn bus(&self, arch: Arch) -> DiskBus {
        self.bus.unwrap_or(self.usual_bus(arch))
    }

    /// Returns the bus of a disk for which no bus is named: one for which guests have drivers from their first moment
    /// on.
    #[must_use]
    pub fn usual_bus(&self, arch: Arch) -> DiskBus {
        match (&self.source, arch) {
            (DiskSource::Overlay(_) | DiskSource::Blank { .. }, _) => DiskBus::Virtio,
            (DiskSource::Cdrom(_) | DiskSource::EmptyDrive, Arch::X86_64) => DiskBus::Sata,
            (
                DiskSource::Cdrom(_) | DiskSource::EmptyDrive,
                Arch::Aarch64 | Arch::Riscv64 | Arch::Loongarch64,
            ) => DiskBus::Scsi,
        }
    }
}
