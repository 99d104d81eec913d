use std::{
    os::fd::RawFd,
    path::{Path, PathBuf},
};

use super::MachineSpec;
use crate::{AccelChoice, firmware::FirmwareFiles};

/// What of a machine is known only when it starts: files made for the run and descriptors QEMU inherits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The accelerator decided for.
    pub accel: AccelChoice,
    /// The UEFI firmware, if the spec asks for UEFI.
    pub firmware: Option<FirmwareFiles>,
    /// The run's own copy of the firmware's variables; used with `firmware` when that has a template.
    pub variables: PathBuf,
    /// For each disk of the spec: the file QEMU opens (a qcow2 overlay, or the ISO).
    pub disks: Vec<PathBuf>,
    /// Socket for QMP.
    pub qmp: RawFd,
    /// Socket for the serial console.
    pub serial: RawFd,
    /// Socket for the agent, used if the spec has a channel for it.
    pub agent: RawFd,
}

/// The arguments of a QEMU process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    args: Vec<String>,
}

impl CommandLine {
    /// The arguments for a machine of `spec`, wired as `wiring` says. Pure: equal input, equal arguments.
    #[must_use]
    pub fn new(spec: &MachineSpec, wiring: &Wiring) -> Self {
        let _ = (spec, wiring);
        todo!()
    }

    /// The arguments without the program.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// A shell command, one option a line, as kept in `qemu.args`.
    #[must_use]
    pub fn to_shell(&self, program: &Path) -> String {
        let _ = program;
        todo!()
    }
}
