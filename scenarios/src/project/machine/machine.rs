//! A machine, and the built-in presets.

use std::collections::BTreeMap;

use super::accel::Accel;
use super::architecture::Architecture;
use super::credential::Credential;
use super::disk::{Disk, ImageDisk};
use super::display::Display;
use super::firmware::Firmware;
use super::input::Input;
use super::network::Network;
use crate::finding::{Code, Diagnostic, Span, Spanned, did_you_mean};
use crate::keyboard::Keyboard;
use crate::project::board::Board;
use crate::project::login::Login;
use crate::value::WrittenValue;

/// The machine that an image runs on. Every field has a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// The name, from the project or a built-in preset.
    pub name: String,
    /// The processor's architecture.
    pub arch: Architecture,
    /// The firmware.
    pub firmware: Firmware,
    /// True if the firmware starts only signed programs.
    pub secure_boot: bool,
    /// The number of processors, at least 1.
    pub cpus: u32,
    /// Memory in MiB, at least 1.
    pub memory_mib: u32,
    /// The processor model. Absent: one that works with the accelerator.
    pub cpu: Option<String>,
    /// The machine type. Absent: the usual one of the architecture.
    pub machine_type: Option<String>,
    /// The accelerator.
    pub accel: Accel,
    /// The screen.
    pub display: Display,
    /// The bus of keyboard and pointer. Absent: one that works with the architecture's usual guests and firmware.
    pub input: Option<Input>,
    /// The layout of its keyboard, if the image names none. Absent: that of the project.
    pub keyboard: Option<Keyboard>,
    /// The attachment of the image's own disk.
    pub disk: ImageDisk,
    /// Empty disks in addition to the image's.
    pub disks: Vec<Disk>,
    /// A CD in addition to the image: a file, relative to the project file.
    pub cdrom: Option<Spanned<String>>,
    /// The guest's network.
    pub network: Network,
    /// The number of serial lines, at least 1.
    pub serial: u32,
    /// True if the machine has a TPM 2.0.
    pub tpm: bool,
    /// True if the machine has a source of random numbers.
    pub rng: bool,
    /// Values of QEMU's option `-smbios`.
    pub smbios: Vec<String>,
    /// Credentials for the guest's systemd.
    pub credentials: Vec<Credential>,
    /// True if the machine has a channel to the guest agent.
    pub agent: bool,
    /// The login on the serial console. Absent: none is needed.
    pub login: Option<Login>,
    /// More arguments at the end of QEMU's command line.
    pub qemu_args: Vec<String>,
    /// The board that it is. Absent: a virtual machine.
    pub board: Option<Board>,
    /// Variables for scenarios on it.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// The place of its declaration. Built-in machines have none.
    pub at: Option<Span>,
}

impl Machine {
    /// The names of the built-in presets.
    pub const PRESETS: &'static [&'static str] = &[
        "uefi-x86_64",
        "bios-x86_64",
        "uefi-aarch64",
        "uefi-riscv64",
        "uefi-loongarch64",
    ];

    /// The preset for an image that names no machine.
    pub const DEFAULT_PRESET: &'static str = "uefi-x86_64";

    /// Returns the built-in preset of this name.
    ///
    /// # Errors
    /// There is none. The finding names the nearest name.
    pub fn preset(name: &str) -> Result<Self, Diagnostic> {
        let (firmware, arch) = match name {
            "uefi-x86_64" => (Firmware::Uefi, Architecture::X86_64),
            "bios-x86_64" => (Firmware::Bios, Architecture::X86_64),
            "uefi-aarch64" => (Firmware::Uefi, Architecture::Aarch64),
            "uefi-riscv64" => (Firmware::Uefi, Architecture::Riscv64),
            "uefi-loongarch64" => (Firmware::Uefi, Architecture::Loongarch64),
            _ => {
                let help = did_you_mean(name, Self::PRESETS.iter().copied())
                    .unwrap_or_else(|| format!("the presets are {}", Self::PRESETS.join(", ")));
                let message = format!("unknown machine preset `{name}`");
                return Err(
                    Diagnostic::without_place(Code::UnknownMachine, message).with_help(help)
                );
            }
        };
        Ok(Self::plain(name, firmware, arch))
    }

    /// Makes a machine with default values. Two processors and 2 GiB are enough for a desktop; most needles are cut
    /// from a screen of 1024x768.
    pub(super) fn plain(name: &str, firmware: Firmware, arch: Architecture) -> Self {
        Self {
            name: name.to_owned(),
            arch,
            firmware,
            secure_boot: false,
            cpus: 2,
            memory_mib: 2048,
            cpu: None,
            machine_type: None,
            accel: Accel::Auto,
            display: Display {
                device: None,
                width: 1024,
                height: 768,
            },
            input: None,
            keyboard: None,
            disk: ImageDisk::default(),
            disks: Vec::new(),
            cdrom: None,
            network: Network::Off,
            serial: 1,
            tpm: false,
            rng: true,
            smbios: Vec::new(),
            credentials: Vec::new(),
            agent: true,
            login: None,
            qemu_args: Vec::new(),
            board: None,
            vars: BTreeMap::new(),
            at: None,
        }
    }
}
