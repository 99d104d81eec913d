use std::fmt;

/// The format in which the bytes of a disk are kept in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFormat {
    /// As they are.
    Raw,
    /// QEMU's copy-on-write format.
    Qcow2,
    /// QEMU's older one.
    Qed,
    /// VMware's.
    Vmdk,
    /// VirtualBox's.
    Vdi,
    /// Virtual PC's, `.vhd`.
    Vhd,
    /// Hyper-V's.
    Vhdx,
}

impl FileFormat {
    /// All, with the name by which people write it.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("raw", Self::Raw),
        ("qcow2", Self::Qcow2),
        ("qed", Self::Qed),
        ("vmdk", Self::Vmdk),
        ("vdi", Self::Vdi),
        ("vhd", Self::Vhd),
        ("vhdx", Self::Vhdx),
    ];

    /// QEMU's name of the driver that reads it.
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

    /// The format that a header names by QEMU's driver; none for drivers that read anything but a file.
    pub(super) fn of_driver(name: &str) -> Option<Self> {
        let mut all = Self::NAMES.iter().map(|(_, format)| *format);
        all.find(|format| format.driver() == name)
    }

    /// Returns whether QEMU opens another file where a header names one, unless it is told otherwise.
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
