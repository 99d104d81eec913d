//! The formats of disk image files.

use std::fmt;

/// The format of a disk image file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFormat {
    /// The bytes of the disk as they are.
    Raw,
    /// QEMU's copy-on-write format.
    Qcow2,
    /// QEMU's older copy-on-write format.
    Qed,
    /// The format of VMware.
    Vmdk,
    /// The format of VirtualBox.
    Vdi,
    /// The format of Virtual PC, `.vhd`.
    Vhd,
    /// The format of Hyper-V.
    Vhdx,
}

impl FileFormat {
    /// All formats, with their names in scenarios and calls.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("raw", Self::Raw),
        ("qcow2", Self::Qcow2),
        ("qed", Self::Qed),
        ("vmdk", Self::Vmdk),
        ("vdi", Self::Vdi),
        ("vhd", Self::Vhd),
        ("vhdx", Self::Vhdx),
    ];

    /// Returns QEMU's name of the driver for this format.
    #[must_use]
    pub fn driver(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
            Self::Qed => "qed",
            Self::Vmdk => "vmdk",
            Self::Vdi => "vdi",
            Self::Vhd => "vpc",
            Self::Vhdx => "vhdx",
        }
    }

    /// Returns the format that a header names by QEMU's driver. Returns none for drivers that read anything but a file.
    pub(super) fn of_driver(name: &str) -> Option<Self> {
        let mut all = Self::NAMES.iter().map(|(_, format)| *format);
        all.find(|format| format.driver() == name)
    }

    /// Returns true if QEMU opens another file that a header names, unless it is told otherwise.
    #[must_use]
    pub fn may_stand_on_another(self) -> bool {
        match self {
            Self::Qcow2 | Self::Qed | Self::Vmdk => true,
            Self::Raw | Self::Vdi | Self::Vhd | Self::Vhdx => false,
        }
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = Self::NAMES.iter();
        let name = all.find(|(_, format)| format == self);
        f.write_str(name.map_or("raw", |(name, _)| name))
    }
}
