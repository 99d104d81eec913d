//! The firmware files of a machine.

use std::path::{Path, PathBuf};

/// The firmware files for a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmwareFiles {
    /// The path of the descriptor that names them. A bare file name for a built-in descriptor.
    pub descriptor: PathBuf,
    /// The code, which a machine only reads.
    pub code: PathBuf,
    /// The mapping into the machine.
    pub mapping: FirmwareMapping,
}

/// The mapping of firmware into a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirmwareMapping {
    /// Two flash chips: one with the code, one with the variables.
    Flash(FlashChips),
    /// Loaded like a kernel by the first firmware of the machine type (OpenSBI on RISC-V). U-Boot is loaded so. It
    /// offers the interfaces of UEFI, and keeps variables in memory or in the file `ubootefi.var` of the EFI system
    /// partition.
    Kernel,
}

/// The content of the flash chips apart from the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlashChips {
    /// The format of the code.
    pub code_format: FlashFormat,
    /// The content of a fresh variable store, which is copied for every run.
    pub variables: PathBuf,
    /// The format of the variables.
    pub variables_format: FlashFormat,
    /// True if the machine must offer system management mode. Then only that mode can write the variables.
    pub needs_smm: bool,
}

/// The format of a flash chip's content in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlashFormat {
    /// Byte for byte.
    Raw,
    /// QEMU's qcow2.
    Qcow2,
}

impl FlashFormat {
    /// Returns QEMU's name of the format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }
}

impl FirmwareFiles {
    /// Returns the flash chips, if the firmware is in flash chips.
    #[must_use]
    pub fn flash(&self) -> Option<&FlashChips> {
        match &self.mapping {
            FirmwareMapping::Flash(chips) => Some(chips),
            FirmwareMapping::Kernel => None,
        }
    }

    /// Returns all files that influence the machine.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Path> {
        let variables = self.flash().map(|chips| chips.variables.as_path());
        std::iter::once(self.code.as_path()).chain(variables)
    }
}

/// The name of a run's own copy of the variables, without its extension.
pub(crate) const VARIABLES_COPY: &str = "firmware-variables";

impl FlashChips {
    /// Returns the file name of the run's own copy of the variables.
    pub(crate) fn variables_copy(&self, folder: &Path) -> PathBuf {
        folder
            .join(VARIABLES_COPY)
            .with_extension(self.variables_format.name())
    }
}
