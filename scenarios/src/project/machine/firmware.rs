//! The firmware of a machine.

/// The firmware, which starts the boot loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firmware {
    /// UEFI. Each run has its own variable store.
    Uefi,
    /// The PC's BIOS.
    Bios,
}

impl Firmware {
    pub(super) const NAMES: &'static [(&'static str, Self)] =
        &[("uefi", Self::Uefi), ("bios", Self::Bios)];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uefi => "uefi",
            Self::Bios => "bios",
        }
    }
}
