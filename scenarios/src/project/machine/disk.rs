//! The disks of a machine.

use crate::project::size::read_mib;
use crate::yaml::{Field, Node, Reader, Shape};

/// An empty disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// The size in MiB, at least 1.
    pub size_mib: u64,
    /// The bus. Absent: virtio.
    pub bus: Option<DiskBus>,
}

/// The attachment of the image's own disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageDisk {
    /// The bus. Absent: virtio, and for a CD the drive of the architecture.
    pub bus: Option<DiskBus>,
    /// The size in MiB that the disk is grown to before the start. Absent: that of the image.
    pub size_mib: Option<u64>,
}

/// The bus of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskBus {
    /// Virtio.
    Virtio,
    /// NVMe.
    Nvme,
    /// SCSI, on a virtio controller.
    Scsi,
    /// USB.
    Usb,
    /// SATA.
    Sata,
}

impl DiskBus {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("virtio", Self::Virtio),
        ("nvme", Self::Nvme),
        ("scsi", Self::Scsi),
        ("usb", Self::Usb),
        ("sata", Self::Sata),
    ];
    const FIELD: Field = Field::optional(
        "bus",
        Shape::Choice(&["virtio", "nvme", "scsi", "usb", "sata"]),
        "Its bus; `virtio` when absent.",
    );

    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        reader.choice(node, "bus", Self::NAMES)
    }
}

impl Disk {
    const FIELDS: &'static [Field] = &[
        Field::required("size", Shape::Size, "Its size, such as `10G`."),
        DiskBus::FIELD,
    ];
    pub(super) const SHAPE: Shape = Shape::Fields(&[Self::FIELDS]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a disk", &[Self::FIELDS])?;
        let size_mib = fields.need("size", reader, read_mib);
        let bus = fields.may("bus", reader, DiskBus::read);
        Some(Self {
            size_mib: size_mib?,
            bus: bus?,
        })
    }
}

impl ImageDisk {
    /// Returns true if this bus has a drive for the image of a CD. On other buses the image is a plain disk, as on a
    /// USB stick.
    pub fn has_drive(&self) -> bool {
        match self.bus {
            None | Some(DiskBus::Scsi | DiskBus::Sata) => true,
            Some(DiskBus::Virtio | DiskBus::Nvme | DiskBus::Usb) => false,
        }
    }

    pub(super) const FIELDS: &'static [Field] = &[
        DiskBus::FIELD,
        Field::optional(
            "size",
            Shape::Size,
            "The size that it grows to; the size of the image when absent.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`disk`", &[Self::FIELDS])?;
        let bus = fields.may("bus", reader, DiskBus::read);
        let size = fields.may("size", reader, read_mib);
        Some(Self {
            bus: bus?,
            size_mib: size?,
        })
    }
}
