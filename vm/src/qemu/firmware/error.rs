use std::path::PathBuf;

use crate::{Arch, qemu::process::QemuVersion};

/// Why there is no firmware for a machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FirmwareError {
    /// No descriptor fits.
    #[error(
        "no UEFI firmware {} Secure Boot for {arch} machines of type `{machine_type}`; looked in {}{}; \
        install the package `{package}`",
        if *secure_boot { "with" } else { "without" },
        listed(folders),
        too_new.as_ref().map(TooNew::remark).unwrap_or_default()
    )]
    NotFound {
        /// The machine's architecture.
        arch: Arch,
        /// The machine's type.
        machine_type: String,
        /// Whether it must enforce Secure Boot.
        secure_boot: bool,
        /// Folders that were searched.
        folders: Vec<PathBuf>,
        /// What would fit a newer QEMU.
        too_new: Option<TooNew>,
        /// Debian package that has one.
        package: &'static str,
    },
    /// A descriptor fits, but a file it names is not there.
    #[error("the firmware descriptor {} names {}, which is not there; reinstall the package \
        `{package}`", descriptor.display(), file.display())]
    FileMissing {
        /// The machine's architecture.
        arch: Arch,
        /// The descriptor.
        descriptor: PathBuf,
        /// The file.
        file: PathBuf,
        /// Debian package that has it.
        package: &'static str,
    },
}

/// Firmware that this QEMU is too old for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooNew {
    /// Its descriptor.
    pub descriptor: PathBuf,
    /// The QEMU of this host.
    pub qemu: QemuVersion,
    /// The first QEMU that starts it.
    pub since: QemuVersion,
}

impl TooNew {
    fn remark(&self) -> String {
        let Self {
            descriptor,
            qemu,
            since,
        } = self;
        format!(
            ", where {} is firmware that QEMU {since} starts and {qemu} does not",
            descriptor.display()
        )
    }
}

fn listed(folders: &[PathBuf]) -> String {
    let names: Vec<_> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    names.join(", ")
}
