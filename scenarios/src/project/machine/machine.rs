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
use crate::project::login::Login;
use crate::value::WrittenValue;

/// What an image runs on: every field has a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its name: of the project, or of a built-in preset.
    pub name: String,
    /// The processor's architecture.
    pub arch: Architecture,
    /// What starts the boot loader.
    pub firmware: Firmware,
    /// Whether the firmware starts only what is signed.
    pub secure_boot: bool,
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
    /// The bus of keyboard and pointer; absent: one that works with the usual guests and firmware of the architecture.
    pub input: Option<Input>,
    /// The layout of its keyboard, for images that say nothing; absent: that of the project.
    pub keyboard: Option<Keyboard>,
    /// How the image's own disk is attached.
    pub disk: ImageDisk,
    /// Empty disks besides the image's.
    pub disks: Vec<Disk>,
    /// A CD besides the image: a file, relative to the project file.
    pub cdrom: Option<Spanned<String>>,
    /// The guest's network.
    pub network: Network,
    /// How many serial lines there are, at least 1.
    pub serial: u32,
    /// Whether there is a TPM 2.0.
    pub tpm: bool,
    /// Whether there is a source of random numbers.
    pub rng: bool,
    /// Values of QEMU's option `-smbios`, as they are.
    pub smbios: Vec<String>,
    /// Credentials for the guest's systemd.
    pub credentials: Vec<Credential>,
    /// Whether there is a channel to the guest agent.
    pub agent: bool,
    /// The login on the serial console; absent: none is needed.
    pub login: Option<Login>,
    /// More arguments for QEMU, at the end of its command line.
    pub qemu_args: Vec<String>,
    /// Variables of scenarios on it.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// Where it is declared; built-in ones nowhere.
    pub at: Option<Span>,
}

impl Machine {
    /// Names of the built-in presets.
    pub const PRESETS: &'static [&'static str] = &[
        "uefi-x86_64",
        "bios-x86_64",
        "uefi-aarch64",
        "uefi-riscv64",
        "uefi-loongarch64",
    ];

    /// The preset for an image that asks for nothing else.
    pub const DEFAULT_PRESET: &'static str = "uefi-x86_64";

    /// The built-in preset of this name.
    ///
    /// # Errors
    /// When there is none: with the nearest name.
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

    /// Two processors and 2 GiB carry a desktop; 1024x768 is what most needles are cut from.
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
            vars: BTreeMap::new(),
            at: None,
        }
    }
}
