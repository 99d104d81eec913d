//! Machines in the event log: what they are, and what they did.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The facts of a machine that an attempt ran on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MachineFacts {
    /// Its name in the project.
    pub name: String,
    /// `x86_64`, `aarch64`, `riscv64` or `loongarch64`.
    pub arch: String,
    /// The firmware: `uefi (OVMF_CODE_4M.fd)` or `bios`.
    pub firmware: String,
    /// The model of the processors.
    pub cpu: String,
    /// The number of processors.
    pub cpus: u32,
    /// Main memory.
    pub memory_mib: u64,
    /// The factor by which deadlines were multiplied.
    pub deadline_factor: f64,
    /// The facts that only this kind of machine has.
    pub backend: BackendFacts,
}

/// The facts of a machine that only its backend has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum BackendFacts {
    /// It runs in QEMU.
    Qemu {
        /// QEMU's version.
        version: String,
        /// `kvm` or `tcg`.
        accel: String,
        /// The reason for this accelerator.
        accel_reason: String,
    },
    /// It is a board of hardware.
    Board {
        /// The sources of its parts: `power labgrid, serial labgrid, screen kvmd`.
        sources: String,
    },
    /// It follows a script.
    Scripted,
}

/// An event of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum MachineNews {
    /// It started over.
    Reset {
        /// The reason for it.
        #[serde(rename = "reset")]
        kind: ResetKind,
        /// True if a step asked for it, or said that it would come.
        expected: bool,
        /// Milliseconds from the moment a step asked for it, or from the beginning of the step that
        /// said that it would come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_ms: Option<u64>,
    },
    /// It powered itself off.
    Shutdown {
        /// True if a step asked for it, or said that it would come.
        expected: bool,
        /// Milliseconds, as in [`MachineNews::Reset`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_ms: Option<u64>,
    },
    /// The guest kernel panicked.
    Panicked {
        /// True if a step said that it would panic.
        #[serde(default)]
        expected: bool,
    },
    /// The machine's watchdog fired.
    Watchdog {
        /// The answer of QEMU to it, such as `reset`.
        action: String,
    },
    /// QEMU cannot go on: hardware emulation failed.
    InternalError,
    /// The process ended.
    Exited {
        /// Exit status or signal in words.
        status: String,
        /// The end of its standard error.
        stderr: Vec<String>,
    },
    /// A disk could not be written or read.
    DiskError {
        /// The host has no space left.
        no_space: bool,
    },
    /// Anything else worth a line in the log.
    Other {
        /// QEMU's name of the event.
        name: String,
    },
}

/// The reason why a machine started over.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ResetKind {
    /// The guest restarted itself.
    Guest,
    /// The watchdog fired.
    Watchdog,
    /// The guest's kernel panicked and restarted the machine.
    Panic,
    /// A step reset the machine.
    Host,
    /// A step cut the power.
    PowerCut,
    /// The firmware reset the machine once more after another reset. This one does not count.
    Firmware,
}
