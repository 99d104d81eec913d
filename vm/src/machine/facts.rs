use std::path::{Path, PathBuf};

use crate::{AccelChoice, Arch, firmware::FirmwareFiles, qemu::QemuVersion};

/// What a running machine turned out to be: for reports, and for the key of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineFacts {
    /// Architecture.
    pub arch: Arch,
    /// QEMU machine type as asked for, such as `q35`.
    pub machine_type: String,
    /// The QEMU program.
    pub qemu: PathBuf,
    /// Its version.
    pub qemu_version: QemuVersion,
    /// The accelerator and why.
    pub accel: AccelChoice,
    /// The CPU model with its options.
    pub cpu_model: String,
    /// Virtual processors.
    pub cpus: u32,
    /// Main memory in MiB.
    pub memory_mib: u32,
    /// The UEFI firmware; none with BIOS or a kernel.
    pub firmware: Option<FirmwareFiles>,
    /// The kernel that QEMU loads itself.
    pub kernel: Option<PathBuf>,
    /// QEMU's arguments.
    pub args: Vec<String>,
    /// QEMU's process id.
    pub pid: u32,
}

impl MachineFacts {
    /// What runs first in it, for people: `uefi (OVMF_CODE_4M.fd)`, `kernel (linux)`, `bios`.
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
}
