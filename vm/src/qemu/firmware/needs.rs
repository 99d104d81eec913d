//! The firmware that a machine needs.

use crate::{Arch, qemu::process::QemuVersion};

/// The requirements of a machine on its firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirmwareNeeds<'a> {
    /// The architecture.
    pub arch: Arch,
    /// The machine type, such as `q35`. Properties behind a comma do not count.
    pub machine_type: &'a str,
    /// The version of QEMU that starts it. None means any version.
    pub qemu: Option<QemuVersion>,
    /// True if it enforces Secure Boot, with the keys enrolled that distributions are signed with.
    pub secure_boot: bool,
}

impl<'a> FirmwareNeeds<'a> {
    /// Returns the requirements of the default machine type of `arch` with UEFI.
    #[must_use]
    pub fn usual(arch: Arch, qemu: Option<QemuVersion>) -> Self {
        Self {
            arch,
            machine_type: arch.default_machine_type(),
            qemu,
            secure_boot: false,
        }
    }

    /// Returns the type without properties.
    pub(super) fn plain_type(&self) -> &'a str {
        let (name, _) = self
            .machine_type
            .split_once(',')
            .unwrap_or((self.machine_type, ""));
        name
    }

    /// Returns the version that starts firmware in flash chips, if this QEMU is older.
    pub(super) fn flash_needs(&self) -> Option<QemuVersion> {
        let since = match self.arch {
            Arch::X86_64 | Arch::Aarch64 => return None,
            // Older versions of `virt` started what `-bios` or `-kernel` named, and only read the flash.
            Arch::Riscv64 => QemuVersion::new(8, 1, 0),
            // In older versions the code went into a ROM by `-bios`, and there was one chip.
            Arch::Loongarch64 => QemuVersion::new(9, 0, 0),
        };
        (self.qemu? < since).then_some(since)
    }
}
