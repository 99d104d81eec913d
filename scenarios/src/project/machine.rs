use std::collections::BTreeMap;

use super::size::read_mib;
use crate::nearest::did_you_mean;
use crate::schema::Shape;
use crate::yaml::{Field, Node, Reader};
use crate::{Code, Diagnostic, Span, Spanned, WrittenValue};

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

impl Architecture {
    pub(super) const NAMES: &'static [(&'static str, Self)] = &[
        ("x86_64", Self::X86_64),
        ("aarch64", Self::Aarch64),
        ("riscv64", Self::Riscv64),
    ];

    /// Its name, as QEMU and the kernel call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
            Self::Riscv64 => "riscv64",
        }
    }
}

impl Firmware {
    const NAMES: &'static [(&'static str, Self)] = &[("uefi", Self::Uefi), ("bios", Self::Bios)];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uefi => "uefi",
            Self::Bios => "bios",
        }
    }
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
        let (firmware, arch) = match name {
            "uefi-x86_64" => (Firmware::Uefi, Architecture::X86_64),
            "bios-x86_64" => (Firmware::Bios, Architecture::X86_64),
            "uefi-aarch64" => (Firmware::Uefi, Architecture::Aarch64),
            "uefi-riscv64" => (Firmware::Uefi, Architecture::Riscv64),
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
            disks: Vec::new(),
            network: Network::Off,
            agent: true,
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
            Shape::Choice(&["x86_64", "aarch64", "riscv64"]),
            "The processor's architecture.",
        ),
        Field::optional(
            "firmware",
            Shape::Choice(&["uefi", "bios"]),
            "What starts the boot loader.",
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
            "disks",
            Shape::List(&Disk::SHAPE),
            "Empty disks besides the image's.",
        ),
        Field::optional(
            "network",
            Shape::Choice(&["off", "user"]),
            "`user`: out, not in; `off` when absent.",
        ),
        Field::optional(
            "agent",
            Shape::Flag,
            "Whether there is a channel to the guest agent.",
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
        let accels = [
            ("auto", Accel::Auto),
            ("kvm", Accel::Kvm),
            ("tcg", Accel::Tcg),
        ];
        let accel = fields.may("accel", reader, |r, n| r.choice(n, "accelerator", &accels));
        let display = fields.may("display", reader, Display::read);
        let disks = fields.may("disks", reader, |r, n| {
            r.list(n, "a list of disks", Disk::read)
        });
        let networks = [("off", Network::Off), ("user", Network::User)];
        let network = fields.may("network", reader, |r, n| r.choice(n, "network", &networks));
        let agent = fields.may("agent", reader, Reader::flag);
        let qemu_args = fields.may("qemu_args", reader, |r, n| {
            r.list(n, "a list of arguments", |r, n| {
                r.scalar(n, "an argument").map(str::to_owned)
            })
        });
        let vars = fields.may("vars", reader, Reader::vars);
        let base = match preset? {
            Some(preset) => preset,
            None => Self::plain(&name.value, Firmware::Uefi, Architecture::X86_64),
        };
        let (arch, firmware) = (
            arch?.unwrap_or(base.arch),
            firmware?.unwrap_or(base.firmware),
        );
        if firmware == Firmware::Bios && arch != Architecture::X86_64 {
            return reader.invalid(
                &name.at,
                format!("{what}: {} has no BIOS", arch.name()),
                "write `firmware: uefi`",
            );
        }
        Some(Self {
            name: name.value.clone(),
            arch,
            firmware,
            cpus: cpus?.unwrap_or(base.cpus),
            memory_mib: memory?.unwrap_or(base.memory_mib),
            cpu: cpu?.map(|cpu| cpu.value),
            machine_type: machine_type?.map(|name| name.value),
            accel: accel?.unwrap_or_default(),
            display: display?.unwrap_or(base.display),
            disks: disks?.unwrap_or_default(),
            network: network?.unwrap_or_default(),
            agent: agent?.unwrap_or(base.agent),
            qemu_args: qemu_args?.unwrap_or_default(),
            vars: vars?.unwrap_or_default(),
            at: Some(name.at.clone()),
        })
    }
}

impl Display {
    const FIELDS: &'static [Field] = &[
        Field::optional("device", Shape::Text, "QEMU's name of the graphics device."),
        Field::optional(
            "width",
            Shape::Whole(320),
            "Pixels across; 1024 when absent.",
        ),
        Field::optional("height", Shape::Whole(200), "Pixels down; 768 when absent."),
    ];

    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`display`", &[Self::FIELDS])?;
        let device = fields.may("device", reader, Reader::plain);
        let width = fields.may("width", reader, |r, n| r.whole(n, 320, 8192));
        let height = fields.may("height", reader, |r, n| r.whole(n, 200, 8192));
        Some(Self {
            device: device?.map(|device| device.value),
            width: width?.unwrap_or(1024),
            height: height?.unwrap_or(768),
        })
    }
}

impl Disk {
    const FIELDS: &'static [Field] = &[Field::required(
        "size",
        Shape::Size,
        "Its size, such as `10G`.",
    )];
    const SHAPE: Shape = Shape::Fields(&[Self::FIELDS]);

    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let size_mib = reader
            .fields(node, "a disk", &[Self::FIELDS])?
            .need("size", reader, read_mib)?;
        Some(Self { size_mib })
    }
}
