//! Reads a machine from a project file.

use super::accel::Accel;
use super::architecture::Architecture;
use super::credential::Credential;
use super::disk::{Disk, ImageDisk};
use super::display::Display;
use super::firmware::Firmware;
use super::fitness;
use super::input::Input;
use super::machine::Machine;
use super::network::Network;
use crate::finding::{Diagnostic, Spanned};
use crate::keyboard::Keyboard;
use crate::project::login::Login;
use crate::project::size::read_mib;
use crate::value::WrittenValue;
use crate::yaml::{Field, Node, Reader, Shape};

impl Machine {
    pub(in crate::project) const FIELDS: &'static [Field] = &[
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

    pub(in crate::project) fn read(
        reader: &mut Reader,
        name: &Spanned<String>,
        node: &Node,
    ) -> Option<Self> {
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
        let memory = fields.may("memory", reader, read_memory);
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
        let vars = fields.may("vars", reader, WrittenValue::read_all);
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

/// Reads a list of texts, without variables.
fn texts(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    reader.list(node, "a list of arguments", |reader, node| {
        reader.scalar(node, "an argument").map(str::to_owned)
    })
}

/// Reads the size of the memory in MiB.
fn read_memory(reader: &mut Reader, node: &Node) -> Option<u32> {
    let mib = read_mib(reader, node)?;
    u32::try_from(mib).ok()
}
