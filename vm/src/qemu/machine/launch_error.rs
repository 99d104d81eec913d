//! The reasons why a machine does not start.

use std::{io, path::PathBuf};

use crate::{
    board::BoardFault,
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

/// The reason why a machine does not start.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// QEMU cannot be used.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// KVM does not work.
    #[error(transparent)]
    Accel(#[from] AccelError),
    /// There is no firmware.
    #[error(transparent)]
    Firmware(#[from] FirmwareError),
    /// A program that it needs beside QEMU is not installed.
    #[error("there is no `{}` in PATH, which is needed to {}", .0.program(), .0.purpose())]
    Tool(Tool),
    /// A file is no image.
    #[error(transparent)]
    Image(#[from] ProbeError),
    /// The spec is contradictory or not possible.
    #[error("the machine cannot be built: {reason}")]
    Spec {
        /// The fault.
        reason: String,
    },
    /// A port of the host that should lead to the guest is not free.
    #[error("port {} ({}) of {} cannot be had: {reason}", .forward.host_port, .forward.protocol.name(), .forward.host)]
    Port {
        /// The forwarded port.
        forward: Forward,
        /// The reason, and the program that uses the port if that is known.
        reason: String,
    },
    /// A file of the run cannot be made.
    #[error("cannot {action} {}", path.display())]
    File {
        /// The operation, such as `create`.
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// `qemu-img` does not exist or cannot make the overlay.
    #[error("cannot make the overlay of {}: {reason}", image.display())]
    Overlay {
        /// The image.
        image: PathBuf,
        /// The output of `qemu-img`.
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
        /// The version of QEMU.
        version: QemuVersion,
        /// The output of QEMU.
        message: String,
        /// The Debian package with the missing part of QEMU, if that part is a separate package. Without it, QEMU
        /// reports the same error as one that is too old.
        module: Option<&'static str>,
    },
    /// QEMU ended before the machine ran.
    #[error("QEMU ended at once ({status}); its last words:\n{stderr_tail}")]
    EndedEarly {
        /// The exit status.
        status: std::process::ExitStatus,
        /// The end of its stderr.
        stderr_tail: String,
    },
    /// A saved machine cannot be continued.
    #[error("the saved machine cannot go on: {reason}")]
    Saved {
        /// The output of QEMU, or the fault of its files.
        reason: String,
    },
    /// A source of a board did not do its part.
    #[error(transparent)]
    Board(#[from] BoardFault),
    /// QEMU runs but does not answer.
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
