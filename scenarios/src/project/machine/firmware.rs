/// What starts the boot loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firmware {
    /// UEFI with a variable store of the run's own.
    Uefi,
    /// The PC's BIOS.
    Bios,
}

impl Firmware {
    pub(super) const NAMES: &'static [(&'static str, Self)] =
        &[("uefi", Self::Uefi), ("bios", Self::Bios)];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uefi => "uefi",
            Self::Bios => "bios",
        }
    }
}
