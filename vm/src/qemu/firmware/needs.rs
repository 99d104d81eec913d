use crate::{Arch, qemu::process::QemuVersion};

/// What a machine asks of its firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirmwareNeeds<'a> {
    /// Its architecture.
    pub arch: Arch,
    /// Its type, such as `q35`; properties behind a comma do not count.
    pub machine_type: &'a str,
    /// The QEMU that starts it; none where there is none yet: any.
    pub qemu: Option<QemuVersion>,
    /// Whether it enforces Secure Boot, with the keys enrolled that distributions are signed with.
    pub secure_boot: bool,
}

impl<'a> FirmwareNeeds<'a> {
    /// UEFI for the default machine type of `arch`.
    #[must_use]
    pub fn usual(arch: Arch, qemu: Option<QemuVersion>) -> Self {
        Self {
            arch,
            machine_type: arch.default_machine_type(),
            qemu,
            secure_boot: false,
        }
    }

    /// The type without properties.
    pub(super) fn plain_type(&self) -> &'a str {
        let (name, _) = self
            .machine_type
            .split_once(',')
            .unwrap_or((self.machine_type, ""));
        name
    }

    /// The version that is needed to start firmware in flash chips, where this QEMU is older.
    pub(super) fn flash_needs(&self) -> Option<QemuVersion> {
        let since = match self.arch {
            Arch::X86_64 | Arch::Aarch64 => return None,
            // Before, `virt` started whatever `-bios` or `-kernel` said, and only read the flash.
            Arch::Riscv64 => QemuVersion::new(8, 1, 0),
            // Before, code went into a ROM by `-bios`, and there was one chip.
            Arch::Loongarch64 => QemuVersion::new(9, 0, 0),
        };
        (self.qemu? < since).then_some(since)
    }
}
