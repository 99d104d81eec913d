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
use crate::project::board::Board;
use crate::project::login::Login;
use crate::project::size::read_mib;
use crate::value::WrittenValue;
use crate::yaml::{Field, Node, Reader, Shape};

impl Machine {
    pub(in crate::project) const FIELDS: &'static [Field] = &[
        Field::optional(
            "preset",
            Shape::Choice(Self::PRESETS),
            "The built-in machine whose values apply to absent fields.",
        ),
        Field::optional(
            "arch",
            Shape::Choice(&["x86_64", "aarch64", "riscv64", "loongarch64"]),
            "The processor's architecture.",
        ),
        Field::optional(
            "firmware",
            Shape::Choice(&["uefi", "bios"]),
            "The kind of firmware.",
        ),
        Field::optional(
            "secure_boot",
            Shape::Flag,
            "UEFI starts only programs that are signed with the keys of the usual distributions.",
        ),
        Field::optional("cpus", Shape::Whole(1), "The number of processors."),
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
            "KVM (`kvm`), emulation (`tcg`), or the best of the two (`auto`); `auto` when absent.",
        ),
        Field::optional("display", Shape::Fields(&[Display::FIELDS]), "The screen."),
        Field::optional(
            "input",
            Shape::Choice(&["virtio", "usb"]),
            "The bus of keyboard and pointer.",
        ),
        Keyboard::FIELD,
        Field::optional(
            "disk",
            Shape::Fields(&[ImageDisk::FIELDS]),
            "The disk of the image.",
        ),
        Field::optional(
            "disks",
            Shape::List(&Disk::SHAPE),
            "Empty disks, besides the disk of the image.",
        ),
        Field::optional(
            "cdrom",
            Shape::Text,
            "A CD besides the image: an ISO file. The path is relative to this file.",
        ),
        Field::optional(
            "network",
            Network::SHAPE,
            "`off`, `user`, a card, or a list of cards; `off` when absent. With `user` the guest can connect to the \
            outside, but not the other way.",
        ),
        Field::optional(
            "serial",
            Shape::Whole(1),
            "The number of serial lines, up to 4. The first is the console.",
        ),
        Field::optional("tpm", Shape::Flag, "Adds a TPM 2.0."),
        Field::optional(
            "rng",
            Shape::Flag,
            "Adds a source of random numbers; `true` when absent.",
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
        Field::optional("agent", Shape::Flag, "Adds a channel for the guest agent."),
        Field::optional(
            "login",
            Shape::Fields(&[Login::FIELDS]),
            "The login on the serial console. The `login` of an image wins over it.",
        ),
        Field::optional(
            "qemu_args",
            Shape::List(&Shape::Text),
            "More arguments for QEMU.",
        ),
        Field::optional(
            "board",
            Shape::Fields(&[Board::FIELDS]),
            "Makes the machine a board of hardware: the services that it is reached through. A board has `arch`, \
            `keyboard`, `login` and `vars`, and none of the other fields.",
        ),
        Field::optional(
            "vars",
            Shape::Names(&Shape::OneOrList(&Shape::Text)),
            "Variables of the scenarios that run on it.",
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
        let board = fields.may("board", reader, Board::read);
        let vars = fields.may("vars", reader, WrittenValue::read_all);
        let board = board?;
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
            login: login?,
            qemu_args: qemu_args?.unwrap_or_default(),
            agent: agent?.unwrap_or(base.agent && board.is_none()),
            board,
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
