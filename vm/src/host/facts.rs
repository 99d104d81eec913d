use super::{InstallPlan, Missing, OsRelease, ToolState};
use crate::{
    AccelChoice, Arch,
    firmware::{FirmwareError, FirmwareFiles},
    qemu::{ProgramError, QemuProgram},
};

/// Everything `qa doctor` tells of a host.
#[derive(Debug)]
pub struct HostFacts {
    /// The operating system.
    pub os: OsRelease,
    /// Per architecture, in the order of [`Arch::ALL`].
    pub archs: Vec<ArchSupport>,
    /// Every tool, in the order of [`Tool::ALL`](super::Tool::ALL).
    pub tools: Vec<ToolState>,
    /// What is missing, required things first.
    pub missing: Vec<Missing>,
}

/// What the host has for machines of an architecture.
#[derive(Debug)]
pub struct ArchSupport {
    /// Which.
    pub arch: Arch,
    /// QEMU.
    pub qemu: Result<QemuProgram, ProgramError>,
    /// UEFI firmware for its default machine type.
    pub firmware: Result<FirmwareFiles, FirmwareError>,
    /// The accelerator `auto` comes to.
    pub accel: AccelChoice,
}

impl HostFacts {
    /// Looks at this host. Runs each program for its version: some 100 ms; blocks.
    #[must_use]
    pub fn inspect() -> Self {
        todo!()
    }

    /// How to install the missing things for which `wanted` says so; none when nothing is missing or no package manager is known.
    /// Asks apt what it can install: some 100 ms; blocks.
    #[must_use]
    pub fn install_plan(&self, wanted: impl Fn(&Missing) -> bool) -> Option<InstallPlan> {
        let _ = wanted;
        todo!()
    }
}
