//! The facts of a running machine.

use crate::{Arch, qemu::QemuFacts};

/// The facts of a running machine: for reports, and for the key of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineFacts {
    /// The architecture.
    pub arch: Arch,
    /// The model of the processors, for people.
    pub cpu_model: String,
    /// The number of processors.
    pub cpus: u32,
    /// The main memory in MiB.
    pub memory_mib: u32,
    /// The program that runs first, for people: `uefi (OVMF_CODE_4M.fd)`, `kernel (linux)`, `bios`.
    pub firmware: String,
    /// The facts that only its backend has.
    pub backend: BackendFacts,
}

/// The facts of a machine that only its backend has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackendFacts {
    /// It runs in QEMU.
    Qemu(Box<QemuFacts>),
    /// It is a board. The sources of its parts, for people.
    Board(String),
    /// It follows a script in this process.
    Scripted,
}

impl MachineFacts {
    /// Returns the facts of its QEMU. None if it has no QEMU.
    #[must_use]
    pub fn qemu(&self) -> Option<&QemuFacts> {
        match &self.backend {
            BackendFacts::Qemu(facts) => Some(facts),
            BackendFacts::Board(_) | BackendFacts::Scripted => None,
        }
    }

    /// Returns the version of its backend, for people. Empty if it has none.
    #[must_use]
    pub fn version(&self) -> String {
        self.qemu()
            .map_or_else(String::new, |qemu| qemu.version.to_string())
    }

    /// Returns true if its processors are emulated, so that everything takes several times as long.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        self.qemu().is_some_and(QemuFacts::is_emulated)
    }
}
