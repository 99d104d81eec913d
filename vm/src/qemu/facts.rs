//! What a running QEMU turned out to be.

use std::path::{Path, PathBuf};

use super::{firmware::FirmwareFiles, process::QemuVersion};
use crate::AccelChoice;

/// What a running QEMU turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QemuFacts {
    /// The machine type as asked for, such as `q35`.
    pub machine_type: String,
    /// The program.
    pub program: PathBuf,
    /// Its version.
    pub version: QemuVersion,
    /// The accelerator and why.
    pub accel: AccelChoice,
    /// The UEFI firmware; none with BIOS or a kernel.
    pub firmware: Option<FirmwareFiles>,
    /// The kernel that QEMU loads itself.
    pub kernel: Option<PathBuf>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its process id.
    pub pid: u32,
}

impl QemuFacts {
    /// Returns what runs first in it, for people: `uefi (OVMF_CODE_4M.fd)`, `kernel (linux)`, `bios`.
    #[must_use]
    pub fn firmware_words(&self) -> String {
        let name = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        match (&self.firmware, &self.kernel) {
            (Some(files), _) => format!("uefi ({})", name(&files.code)),
            (None, Some(kernel)) => format!("kernel ({})", name(kernel)),
            (None, None) => "bios".to_owned(),
        }
    }

    /// Returns whether the processors are emulated.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        match self.accel {
            AccelChoice::Tcg { .. } => true,
            AccelChoice::Kvm => false,
        }
    }
}
