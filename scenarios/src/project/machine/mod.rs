mod accel;
mod architecture;
mod credential;
mod disk;
mod display;
mod firmware;
mod fitness;
mod input;
mod network;

use std::collections::BTreeMap;

use super::login::Login;
use super::size::read_mib;
use crate::nearest::did_you_mean;
use crate::schema::Shape;
use crate::yaml::{Field, Node, Reader};
use crate::{Code, Diagnostic, Keyboard, Span, Spanned, WrittenValue};

pub use accel::Accel;
pub use architecture::Architecture;
pub use credential::{Credential, CredentialValue};
pub use disk::{Disk, DiskBus, ImageDisk};
pub use display::{Display, DisplayDevice};
pub use firmware::Firmware;
pub use input::Input;
pub use network::{Forward, Network, Nic, NicModel, Protocol};

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
    fn plain(name: &str, firmware: Firmware, arch: Architecture) -> Self {
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

    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional(
            "preset",
            Shape::Choice(Self::PRESETS),
            "The built-in machine whose values apply where this one says nothing.",
        ),
        Field::optional(
            "arch",
            Shape::Choice(&["x86_64", "aarch64", "riscv64", "loongarch64"]),
            "The processor's architecture.",
        ),
        Field::optional(
            "firmware",
            Shape::Choice(&["uefi", "bios"]),
            "What starts the boot loader.",
        ),
        Field::optional(
            "secure_boot",
            Shape::Flag,
            "Whether UEFI starts only what is signed by the keys that distributions are signed with.",
        ),
        Field::optional("cpus", Shape::Whole(1), "How many processors."),
        Field::optional("memory", Shape::Size, "Memory, such as `3G`."),
        Field::optional("cpu", Shape::Text, "QEMU's name of the processor model."),
        Field::optional(
            "type",
            Shape::Text,
            "QEMU's name of the machine type, such as `q35`.",
        ),
        Field::optional(
            "accel",
            Shape::Choice(&["auto", "kvm", "tcg"]),
            "Who executes the guest's instructions; `auto` when absent.",
        ),
        Field::optional("display", Shape::Fields(&[Display::FIELDS]), "The screen."),
        Field::optional(
            "input",
            Shape::Choice(&["virtio", "usb"]),
            "What keyboard and pointer are attached to.",
        ),
        Keyboard::FIELD,
        Field::optional(
            "disk",
            Shape::Fields(&[ImageDisk::FIELDS]),
            "How the image's own disk is attached.",
        ),
        Field::optional(
            "disks",
            Shape::List(&Disk::SHAPE),
            "Empty disks besides the image's.",
        ),
        Field::optional(
            "cdrom",
            Shape::Text,
            "A CD besides the image: an ISO file, relative to this one.",
        ),
        Field::optional(
            "network",
            Network::SHAPE,
            "`user`: out, not in; `off` when absent; or a card, or a list of cards.",
        ),
        Field::optional(
            "serial",
            Shape::Whole(1),
            "How many serial lines there are, up to 4; the first is the console.",
        ),
        Field::optional("tpm", Shape::Flag, "Whether there is a TPM 2.0."),
        Field::optional(
            "rng",
            Shape::Flag,
            "Whether there is a source of random numbers; `true` when absent.",
        ),
        Field::optional(
            "smbios",
            Shape::List(&Shape::Text),
            "Values of QEMU's option `-smbios`, such as `type=1,serial=42`.",
        ),
        Field::optional(
            "credentials",
            Credential::SHAPE,
            "Credentials for the guest's systemd, by name.",
        ),
        Field::optional(
            "agent",
            Shape::Flag,
            "Whether there is a channel to the guest agent.",
        ),
        Field::optional(
            "login",
            Shape::Fields(&[Login::FIELDS]),
            "How to log in on the serial console; an image's own goes before.",
        ),
        Field::optional(
            "qemu_args",
            Shape::List(&Shape::Text),
            "More arguments for QEMU.",
        ),
        Field::optional(
            "vars",
            Shape::Names(&Shape::OneOrList(&Shape::Text)),
            "Variables of scenarios on it.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, name: &Spanned<String>, node: &Node) -> Option<Self> {
        let what = format!("the machine `{}`", name.value);
        let fields = reader.fields(node, &what, &[Self::FIELDS])?;
        let preset = fields.may("preset", reader, |reader, node| {
            let preset = reader.plain(node)?;
            reader.take(Self::preset(&preset).map_err(|error| Diagnostic {
                at: Some(preset.at.clone()),
                ..error
            }))
        });
        let arch = fields.may("arch", reader, |r, n| {
            r.choice(n, "architecture", Architecture::NAMES)
        });
        let firmware = fields.may("firmware", reader, |r, n| {
            r.choice(n, "firmware", Firmware::NAMES)
        });
        let cpus = fields.may("cpus", reader, |r, n| r.whole(n, 1, 255));
        let memory = fields.may("memory", reader, |reader, node| {
            let mib = read_mib(reader, node)?;
            u32::try_from(mib).ok()
        });
        let cpu = fields.may("cpu", reader, Reader::plain);
        let machine_type = fields.may("type", reader, Reader::plain);
        let secure_boot = fields.may("secure_boot", reader, Reader::flag);
        let accel = fields.may("accel", reader, |r, n| {
            r.choice(n, "accelerator", Accel::NAMES)
        });
        let display = fields.may("display", reader, Display::read);
        let disks = fields.may("disks", reader, |r, n| {
            r.list(n, "a list of disks", Disk::read)
        });
        let input = fields.may("input", reader, |r, n| r.choice(n, "input", Input::NAMES));
        let keyboard = fields.may("keyboard", reader, Keyboard::read);
        let disk = fields.may("disk", reader, ImageDisk::read);
        let cdrom = fields.may("cdrom", reader, Reader::plain);
        let network = fields.may("network", reader, Network::read);
        let serial = fields.may("serial", reader, |r, n| r.whole(n, 1, 4));
        let tpm = fields.may("tpm", reader, Reader::flag);
        let rng = fields.may("rng", reader, Reader::flag);
        let smbios = fields.may("smbios", reader, texts);
        let credentials = fields.may("credentials", reader, Credential::read_all);
        let agent = fields.may("agent", reader, Reader::flag);
        let login = fields.may("login", reader, Login::read);
        let qemu_args = fields.may("qemu_args", reader, texts);
        let vars = fields.may("vars", reader, Reader::vars);
        let base = match preset? {
            Some(preset) => preset,
            None => Self::plain(&name.value, Firmware::Uefi, Architecture::X86_64),
        };
        let machine = Self {
            name: name.value.clone(),
            arch: arch?.unwrap_or(base.arch),
            firmware: firmware?.unwrap_or(base.firmware),
            secure_boot: secure_boot?.unwrap_or(base.secure_boot),
            cpus: cpus?.unwrap_or(base.cpus),
            memory_mib: memory?.unwrap_or(base.memory_mib),
            cpu: cpu?.map(|cpu| cpu.value),
            machine_type: machine_type?.map(|name| name.value),
            accel: accel?.unwrap_or_default(),
            display: display?.unwrap_or(base.display),
            input: input?.or(base.input),
            keyboard: keyboard?,
            disk: disk?.unwrap_or(base.disk),
            disks: disks?.unwrap_or_default(),
            cdrom: cdrom?,
            network: network?.unwrap_or_default(),
            serial: serial?.unwrap_or(base.serial),
            tpm: tpm?.unwrap_or(base.tpm),
            rng: rng?.unwrap_or(base.rng),
            smbios: smbios?.unwrap_or_default(),
            credentials: credentials?.unwrap_or_default(),
            agent: agent?.unwrap_or(base.agent),
            login: login?,
            qemu_args: qemu_args?.unwrap_or_default(),
            vars: vars?.unwrap_or_default(),
            at: Some(name.at.clone()),
        };
        fitness::check(reader, &machine, &fields).then_some(machine)
    }
}

/// A list of texts, each as written.
fn texts(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    reader.list(node, "a list of arguments", |reader, node| {
        reader.scalar(node, "an argument").map(str::to_owned)
    })
}
