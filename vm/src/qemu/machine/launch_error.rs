//! The reasons why a machine does not run.

use std::{io, path::PathBuf};

use crate::{
    host::Tool,
    image::ProbeError,
    machine::ControlError,
    qemu::{
        firmware::FirmwareError,
        process::{ProgramError, QemuVersion},
        qmp::QmpError,
    },
    spec::{AccelError, Forward},
};

/// Why a machine does not run.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// QEMU is not usable.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// KVM cannot be had.
    #[error(transparent)]
    Accel(#[from] AccelError),
    /// There is no firmware.
    #[error(transparent)]
    Firmware(#[from] FirmwareError),
    /// A program beside QEMU is not installed.
    #[error("there is no `{}` in PATH, which is needed to {}", .0.program(), .0.purpose())]
    Tool(Tool),
    /// An image is not one.
    #[error(transparent)]
    Image(#[from] ProbeError),
    /// The spec asks for what cannot be.
    #[error("the machine cannot be built: {reason}")]
    Spec {
        /// What is wrong with it.
        reason: String,
    },
    /// A port of the host that leads to the guest cannot be had.
    #[error("port {} ({}) of {} cannot be had: {reason}", .forward.host_port, .forward.protocol.name(), .forward.host)]
    Port {
        /// The forwarded port.
        forward: Forward,
        /// The reason, and the program that has the port where that is known.
        reason: String,
    },
    /// A file of the run cannot be made.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, such as `create`.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// `qemu-img` is not there or cannot make the overlay.
    #[error("cannot make the overlay of {}: {reason}", image.display())]
    Overlay {
        /// The image.
        image: PathBuf,
        /// What `qemu-img` said.
        reason: String,
    },
    /// QEMU does not know a device or option of the command line.
    #[error(
        "QEMU {version} cannot build this machine: {message}; use a newer QEMU (this project is tested with 7.2 and \
        10.0) or another device{}",
        .module.map_or_else(String::new, |package| format!(
            "; a QEMU that is new enough lacks the module for it: install the package `{package}` (its name on Debian)"
        ))
    )]
    TooOld {
        /// Its version.
        version: QemuVersion,
        /// What it wrote.
        message: String,
        /// The Debian package with the part of QEMU that has it, where such a part is installed apart. A QEMU without
        /// it says what one says that is too old.
        module: Option<&'static str>,
    },
    /// QEMU ended before the machine ran.
    #[error("QEMU ended at once ({status}); its last words:\n{stderr_tail}")]
    EndedEarly {
        /// How it ended.
        status: std::process::ExitStatus,
        /// The end of its stderr.
        stderr_tail: String,
    },
    /// A saved machine cannot go on.
    #[error("the saved machine cannot go on: {reason}")]
    Saved {
        /// What QEMU said, or what is wrong with its files.
        reason: String,
    },
    /// QEMU runs but cannot be talked to.
    #[error("QEMU started, but its control connection failed")]
    Control(#[source] ControlError),
}

impl From<ControlError> for LaunchError {
    fn from(error: ControlError) -> Self {
        Self::Control(error)
    }
}

impl From<QmpError> for LaunchError {
    fn from(error: QmpError) -> Self {
        Self::Control(error.into())
    }
}
