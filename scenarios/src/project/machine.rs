use std::collections::BTreeMap;

use crate::{Diagnostic, Span, Spanned, WrittenValue};

/// What an image runs on: every field has a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its name: of the project, or of a built-in preset.
    pub name: String,
    /// The processor's architecture.
    pub arch: Architecture,
    /// What starts the boot loader.
    pub firmware: Firmware,
    /// How many processors, at least 1.
    pub cpus: u32,
    /// Memory in MiB, at least 1.
    pub memory_mib: u32,
    /// Processor model; absent: one that works under the accelerator.
    pub cpu: Option<String>,
    /// Machine type; absent: the usual one of the architecture.
    pub machine_type: Option<String>,
    /// Who executes the guest's instructions.
    pub accel: Accel,
    /// The screen.
    pub display: Display,
    /// Empty disks besides the image's.
    pub disks: Vec<Disk>,
    /// Whether the guest has a network.
    pub network: Network,
    /// Whether there is a channel to the guest agent.
    pub agent: bool,
    /// More arguments for QEMU, at the end of its command line.
    pub qemu_args: Vec<String>,
    /// Variables of scenarios on it.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// Where it is declared; built-in ones nowhere.
    pub at: Option<Span>,
}

/// The architecture of a processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
    /// 64-bit RISC-V.
    Riscv64,
}

/// What starts the boot loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firmware {
    /// UEFI with a variable store of the run's own.
    Uefi,
    /// The PC's BIOS.
    Bios,
}

/// Who executes the guest's instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accel {
    /// The processor where that really works, else emulation.
    #[default]
    Auto,
    /// The processor; an error where that does not work.
    Kvm,
    /// Emulation.
    Tcg,
}

/// The screen of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// QEMU's name of the graphics device; absent: the usual one of the architecture.
    pub device: Option<String>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// An empty disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Its size in MiB, at least 1.
    pub size_mib: u64,
}

/// Whether the guest has a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// None.
    #[default]
    Off,
    /// QEMU's user network: out, not in.
    User,
}

impl Machine {
    /// Names of the built-in presets.
    pub const PRESETS: &'static [&'static str] =
        &["uefi-x86_64", "bios-x86_64", "uefi-aarch64", "uefi-riscv64"];

    /// The preset for an image that asks for nothing else.
    pub const DEFAULT_PRESET: &'static str = "uefi-x86_64";

    /// The built-in preset of this name.
    ///
    /// # Errors
    /// When there is none: with the nearest name.
    pub fn preset(name: &str) -> Result<Self, Diagnostic> {
        let _ = name;
        todo!()
    }
}
