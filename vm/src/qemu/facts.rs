//! The facts of a running QEMU.

use std::path::{Path, PathBuf};

use super::{firmware::FirmwareFiles, process::QemuVersion};
use crate::AccelChoice;

/// The facts of a running QEMU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QemuFacts {
    /// The machine type that was asked for, such as `q35`.
    pub machine_type: String,
    /// The path of the program.
    pub program: PathBuf,
    /// The version.
    pub version: QemuVersion,
    /// The accelerator and the reason for it.
    pub accel: AccelChoice,
    /// The UEFI firmware. None with BIOS or a kernel.
    pub firmware: Option<FirmwareFiles>,
    /// The kernel that QEMU loads itself.
    pub kernel: Option<PathBuf>,
    /// The arguments.
    pub args: Vec<String>,
    /// The process id.
    pub pid: u32,
}

impl QemuFacts {
    /// Returns the program that runs first, for people: `uefi (OVMF_CODE_4M.fd)`, `kernel (linux)`, `bios`.
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

    /// Returns true if the processors are emulated.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        match self.accel {
            AccelChoice::Tcg { .. } => true,
            AccelChoice::Kvm => false,
        }
    }
}
