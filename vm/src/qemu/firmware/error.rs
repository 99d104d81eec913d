//! The reasons why there is no firmware for a machine.

use std::path::PathBuf;

use crate::{Arch, qemu::process::QemuVersion};

/// The reason why there is no firmware for a machine.
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
        /// The architecture of the machine.
        arch: Arch,
        /// The type of the machine.
        machine_type: String,
        /// True if it must enforce Secure Boot.
        secure_boot: bool,
        /// The folders that were searched.
        folders: Vec<PathBuf>,
        /// Firmware that would fit a newer QEMU.
        too_new: Option<TooNew>,
        /// The Debian package that has one.
        package: &'static str,
    },
    /// A descriptor fits, but a file that it names does not exist.
    #[error("the firmware descriptor {} names {}, which is not there; reinstall the package \
        `{package}`", descriptor.display(), file.display())]
    FileMissing {
        /// The architecture of the machine.
        arch: Arch,
        /// The descriptor.
        descriptor: PathBuf,
        /// The file.
        file: PathBuf,
        /// The Debian package that has it.
        package: &'static str,
    },
}

/// Firmware that needs a newer QEMU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooNew {
    /// The path of its descriptor.
    pub descriptor: PathBuf,
    /// The version of QEMU on this host.
    pub qemu: QemuVersion,
    /// The first version of QEMU that starts it.
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
