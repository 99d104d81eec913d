use crate::{Arch, image::ImageFile};

/// A disk of a machine. The first one is what the firmware boots from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// What is on it.
    pub source: DiskSource,
    /// What it is attached to; none means [`Disk::usual_bus`].
    pub bus: Option<DiskBus>,
    /// The size in MiB that a hard disk grows to from that of its image; none leaves it as it is.
    pub grown_to_mib: Option<u64>,
    /// Bytes of a sector: 512, or 4096 where what is on it counts so.
    pub sector_bytes: u32,
}

/// Where a disk's content comes from. Nothing a machine does ever changes a file named here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskSource {
    /// A hard disk that starts as the image; what the guest writes goes to an overlay of the run.
    Overlay(ImageFile),
    /// A CD or DVD in a drive: an ISO image, raw or in a file of another format, read-only.
    Cdrom(ImageFile),
    /// A drive for CDs and DVDs with nothing in it.
    EmptyDrive,
    /// A hard disk of that many MiB, empty at first.
    Blank {
        /// Its size.
        size_mib: u64,
    },
}

/// What a disk is attached to.
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
    /// A hard disk that starts as the image.
    pub fn overlay(image: impl Into<ImageFile>) -> Self {
        Self::of(DiskSource::Overlay(image.into()))
    }

    /// A CD or DVD with the ISO image.
    pub fn cdrom(image: impl Into<ImageFile>) -> Self {
        Self::of(DiskSource::Cdrom(image.into()))
    }

    /// A drive for CDs and DVDs with nothing in it.
    #[must_use]
    pub fn empty_drive() -> Self {
        Self::of(DiskSource::EmptyDrive)
    }

    /// An empty hard disk.
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

    /// The same on that bus.
    #[must_use]
    pub fn on(self, bus: DiskBus) -> Self {
        Self {
            bus: Some(bus),
            ..self
        }
    }

    /// What it is attached to in machines of an architecture.
    #[must_use]
    pub fn bus(&self, arch: Arch) -> DiskBus {
        self.bus.unwrap_or(self.usual_bus(arch))
    }

    /// Returns the bus of such a disk where nothing else is said: one that guests have drivers for
    /// from their first moment on.
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
