use std::path::{Path, PathBuf};

/// The firmware files for a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareFiles {
    /// The descriptor that named them; a bare file name for one that is built in.
    pub descriptor: PathBuf,
    /// The code, which a machine only reads.
    pub code: PathBuf,
    /// How the machine gets it.
    pub mapping: FirmwareMapping,
}

/// How a machine gets its firmware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirmwareMapping {
    /// In flash chips: one with the code, one with the variables.
    Flash(FlashChips),
    /// Loaded to where a kernel would be, by what the machine type starts with (OpenSBI on RISC-V). U-Boot
    /// comes so: it has the interfaces of UEFI, and keeps variables in memory or in the file `ubootefi.var` of
    /// the EFI system partition.
    Kernel,
}

/// What is in the flash chips beside the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlashChips {
    /// How the code is stored.
    pub code_format: FlashFormat,
    /// Content of a fresh variable store; copied for every run.
    pub variables: PathBuf,
    /// How the variables are stored.
    pub variables_format: FlashFormat,
    /// Whether the machine must offer system management mode, from which alone the variables can be written then.
    pub needs_smm: bool,
}

/// How the content of a flash chip is stored in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlashFormat {
    /// Byte for byte.
    Raw,
    /// QEMU's qcow2.
    Qcow2,
}

impl FlashFormat {
    /// QEMU's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }
}

impl FirmwareFiles {
    /// The flash chips, where it comes in such.
    #[must_use]
    pub fn flash(&self) -> Option<&FlashChips> {
        match &self.mapping {
            FirmwareMapping::Flash(chips) => Some(chips),
            FirmwareMapping::Kernel => None,
        }
    }

    /// All files that decide what the machine does.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Path> {
        let variables = self.flash().map(|chips| chips.variables.as_path());
        std::iter::once(self.code.as_path()).chain(variables)
    }
}

/// The name of a run's own copy of the variables, without its extension.
pub(crate) const VARIABLES_COPY: &str = "firmware-variables";

impl FlashChips {
    /// File name of the run's own copy of the variables.
    pub(crate) fn variables_copy(&self, folder: &Path) -> PathBuf {
        folder
            .join(VARIABLES_COPY)
            .with_extension(self.variables_format.name())
    }
}
