//! The command line: the options that `qa` gives, and no others.

use std::{
    collections::BTreeSet,
    os::fd::RawFd,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{disk, drives::Drives, keyboard::Keyboard, memory::Backend};

/// What the command line asks for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) qmp: Option<RawFd>,
    pub(crate) serial: Option<RawFd>,
    pub(crate) agent: Option<RawFd>,
    pub(crate) has_screen: bool,
    pub(crate) has_tablet: bool,
    /// The device of the keyboard.
    pub(crate) keyboard: Keyboard,
    /// The file of the main memory.
    pub(crate) memory: Option<Backend>,
    /// Whether the machine's state comes by migration.
    pub(crate) incoming: bool,
    /// Where the overlays of its disks are: the folder of the attempt. Empty where there is none.
    pub(crate) folder: PathBuf,
    /// The file in which the firmware says what it does.
    pub(crate) firmware_log: Option<PathBuf>,
    /// Its disks.
    pub(crate) drives: Drives,
}

const DEVICES: &[&str] = &[
    "VGA",
    "ahci",
    "bochs-display",
    "e1000e",
    "ide-cd",
    "ide-hd",
    "isa-debugcon",
    "nvme",
    "pci-serial",
    "pvpanic-pci",
    "qemu-xhci",
    "scsi-cd",
    "scsi-hd",
    "tpm-crb",
    "tpm-tis-device",
    "usb-kbd",
    "usb-storage",
    "usb-tablet",
    "virtio-blk-pci",
    "virtio-gpu-pci",
    "virtio-keyboard-pci",
    "virtio-net-pci",
    "virtio-rng-pci",
    "virtio-scsi-pci",
    "virtio-serial-pci",
    "virtio-tablet-pci",
    "virtio-vga",
    "virtserialport",
];

const SCREENS: &[&str] = &["VGA", "bochs-display", "virtio-gpu-pci", "virtio-vga"];

impl Options {
    /// Reads the arguments; `lacks` names devices that this QEMU is too old for. The error is QEMU's sentence.
    pub(crate) fn read(args: &[String], lacks: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut reader = Reader::default();
        let mut args = args.iter().map(String::as_str);
        while let Some(option) = args.next() {
            if matches!(option, "-nodefaults" | "-no-user-config" | "-S") {
                reader.given.insert(option.to_owned());
                continue;
            }
            let value = args
                .next()
                .ok_or_else(|| format!("{option}: requires an argument"))?;
            reader
                .option(&mut options, option, value, lacks)
                .map_err(|error| format!("{option} {value}: {error}"))?;
            reader.given.insert(option.to_owned());
        }
        for needed in [
            "-nodefaults",
            "-no-user-config",
            "-S",
            "-sandbox",
            "-machine",
            "-accel",
            "-cpu",
            "-smp",
            "-m",
        ] {
            if !reader.given.contains(needed) {
                return Err(format!(
                    "{needed}: a machine of a test has it, this one has not"
                ));
            }
        }
        if let Some(drive) = reader.drives.difference(&reader.nodes).next() {
            return Err(format!("-device: there is no block node `{drive}`"));
        }
        Ok(options)
    }
}

#[derive(Debug, Default)]
struct Reader {
    given: BTreeSet<String>,
    chardevs: Vec<(String, RawFd)>,
    nodes: BTreeSet<String>,
    drives: BTreeSet<String>,
    is_pc: bool,
}

impl Reader {
    fn option(
        &mut self,
        options: &mut Options,
        option: &str,
        value: &str,
        lacks: &[String],
    ) -> Result<(), String> {
        match option {
            "-sandbox" => expect(
                value.starts_with("on,"),
                "a machine of a test is in the sandbox",
            ),
            "-display" => expect(value == "none", "there is no window"),
            "-vnc" => expect(
                value == "127.0.0.1:0,to=99",
                "only this host may see a screen",
            ),
            "-action" => expect(value == "shutdown=pause,panic=pause", "unknown actions"),
            "-accel" => expect(
                value == "kvm" || value.starts_with("tcg,tb-size="),
                "invalid accelerator",
            ),
            "-cpu" => expect(!value.is_empty(), "no model"),
            "-smp" => expect(
                value.parse::<u32>().is_ok_and(|cpus| cpus > 0),
                "not a number",
            ),
            "-m" => expect(
                value
                    .strip_suffix('M')
                    .is_some_and(|mib| mib.parse::<u32>().is_ok()),
                "not a size",
            ),
            "-name" => Ok(()),
            "-kernel" => {
                // As on a PC: QEMU's boot ROM for it.
                if self.is_pc {
                    options.drives.reserve_first_turn();
                }
                expect(Path::new(value).is_file(), "could not load it")
            }
            "-initrd" => expect(Path::new(value).is_file(), "could not load it"),
            "-append" => Ok(()),
            "-netdev" => expect(value.starts_with("user,id=net"), "unknown network"),
            "-global" => expect(
                value == "driver=cfi.pflash01,property=secure,value=on",
                "unknown property",
            ),
            "-smbios" => smbios(value),
            "-tpmdev" => expect(
                value == "emulator,id=tpm0,chardev=tpm" && self.fd_of(Some("tpm")).is_ok(),
                "no such character device",
            ),
            "-blockdev" => self.blockdev(options, value),
            "-object" => {
                let backend: Backend =
                    serde_json::from_str(value).map_err(|error| error.to_string())?;
                expect(
                    backend.qom_type == "memory-backend-file" && backend.id == "ram",
                    "invalid object type",
                )?;
                options.memory = Some(backend);
                Ok(())
            }
            "-incoming" => {
                options.incoming = true;
                expect(value == "defer", "unknown migration protocol")
            }
            "-machine" => self.machine(options, value),
            "-chardev" => self.chardev(options, value),
            "-mon" => {
                options.qmp = Some(
                    self.fd_of(
                        value
                            .strip_suffix(",mode=control")
                            .and_then(|value| value.strip_prefix("chardev=")),
                    )?,
                );
                Ok(())
            }
            "-serial" => {
                let line = self.fd_of(value.strip_prefix("chardev:"))?;
                // The guest of a test has its console on the first.
                options.serial.get_or_insert(line);
                Ok(())
            }
            "-device" => self.device(options, value, lacks),
            _ => Err("invalid option".to_owned()),
        }
    }

    fn blockdev(&mut self, options: &mut Options, value: &str) -> Result<(), String> {
        let node: Value = serde_json::from_str(value).map_err(|error| error.to_string())?;
        let text = |value: &Value, name: &str| -> Result<String, String> {
            Ok(value[name]
                .as_str()
                .ok_or_else(|| format!("parameter `{name}` is missing"))?
                .to_owned())
        };
        let path = PathBuf::from(text(&node["file"], "filename")?);
        disk::open(&node)?;
        let name = text(&node, "node-name")?;
        let is_overlay = name.starts_with("disk") && node["read-only"] == false;
        if is_overlay && options.folder.as_os_str().is_empty() {
            options.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        }
        options.drives.add_node(&name)?;
        expect(self.nodes.insert(name), "duplicate node name")
    }

    fn machine(&mut self, options: &Options, value: &str) -> Result<(), String> {
        let mut words = value.split(',');
        let kind = words.next();
        expect(
            matches!(kind, Some("q35" | "virt" | "pc")),
            "unsupported machine type",
        )?;
        self.is_pc = kind != Some("virt");
        let mut backed = false;
        for word in words {
            if matches!(word, "acpi=off" | "gic-version=max" | "smm=on") {
                continue;
            }
            if word == "memory-backend=ram" {
                backed = options.memory.is_some();
                expect(backed, "object 'ram' not found")?;
                continue;
            }
            let node = word
                .strip_prefix("pflash0=")
                .or_else(|| word.strip_prefix("pflash1="));
            let node = node.ok_or_else(|| format!("property `{word}` not found"))?;
            expect(self.nodes.contains(node), "no such block node")?;
        }
        expect(
            backed == options.memory.is_some(),
            "the memory's file is used by nothing",
        )
    }

    fn chardev(&mut self, options: &mut Options, value: &str) -> Result<(), String> {
        if let Some(path) = value.strip_prefix("file,id=firmware,path=") {
            let path = path.replace(",,", ",");
            // As QEMU does: what is there is of an earlier machine.
            std::fs::write(&path, "").map_err(|error| error.to_string())?;
            options.firmware_log = Some(path.into());
            return Ok(());
        }
        let rest = value
            .strip_prefix("socket,id=")
            .ok_or("unknown kind of character device")?;
        let (id, fd) = rest.split_once(",fd=").ok_or("parameter `fd` is missing")?;
        let fd = fd.parse().map_err(|_| "`fd` is not a number".to_owned())?;
        self.chardevs.push((id.to_owned(), fd));
        Ok(())
    }

    fn fd_of(&self, chardev: Option<&str>) -> Result<RawFd, String> {
        let found = self
            .chardevs
            .iter()
            .find(|(id, _)| Some(id.as_str()) == chardev);
        found
            .map(|(_, fd)| *fd)
            .ok_or_else(|| "no such character device".to_owned())
    }

    fn device(
        &mut self,
        options: &mut Options,
        value: &str,
        lacks: &[String],
    ) -> Result<(), String> {
        let mut words = value.split(',');
        let model = words.next().unwrap_or_default();
        if !DEVICES.contains(&model) || lacks.iter().any(|lacking| lacking == model) {
            return Err(format!("'{model}' is not a valid device model name"));
        }
        options.has_screen |= SCREENS.contains(&model);
        options.has_tablet |= model.ends_with("-tablet") || model == "virtio-tablet-pci";
        let (mut id, mut node, mut turn) = (None, None, None);
        match model {
            "virtio-keyboard-pci" => options.keyboard = Keyboard::Virtio(0),
            "usb-kbd" => options.keyboard = Keyboard::usb(None)?,
            _ => {}
        }
        for word in words {
            let (name, set) = word
                .split_once('=')
                .ok_or_else(|| format!("`{word}` is no property"))?;
            match (model, name) {
                (_, "drive") => {
                    self.drives.insert(set.to_owned());
                    node = Some(set);
                }
                (_, "id") => id = Some(set),
                ("usb-kbd", "pcap") => options.keyboard = Keyboard::usb(Some(set))?,
                (_, "bootindex") => {
                    turn = Some(set.parse().map_err(|_| "not a number".to_owned())?);
                }
                ("virtserialport", "chardev") => options.agent = Some(self.fd_of(Some(set))?),
                (_, "xres" | "yres")
                | ("virtio-net-pci" | "e1000e", "netdev" | "romfile")
                | (
                    "virtserialport" | "scsi-hd" | "scsi-cd" | "usb-storage" | "usb-kbd"
                    | "usb-tablet" | "ide-hd" | "ide-cd",
                    "bus",
                )
                | ("virtserialport", "name")
                | ("nvme", "serial")
                | ("ide-hd" | "ide-cd", "unit")
                | ("qemu-xhci", "p2" | "p3")
                | ("tpm-crb" | "tpm-tis-device", "tpmdev")
                | ("isa-debugcon", "iobase" | "chardev")
                | ("pci-serial", "chardev") => {}
                _ => return Err(format!("property '{model}.{name}' not found")),
            }
        }
        match (id, turn) {
            (Some(id), Some(turn)) => options.drives.add(model, id, node, turn),
            (None, Some(_)) => Err("a disk of a test has an id".to_owned()),
            (_, None) => Ok(()),
        }
    }
}

/// Reads the file of a table, as QEMU does before the machine is there.
fn smbios(value: &str) -> Result<(), String> {
    match value.split_once("path=") {
        Some((_, path)) => std::fs::read_to_string(path)
            .map(drop)
            .map_err(|error| format!("cannot read {path}: {error}")),
        None => expect(value.starts_with("type="), "no type"),
    }
}

fn expect(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "-nodefaults -no-user-config -sandbox on,spawn=deny -display none -S -machine q35 -accel \
        tcg,tb-size=64 -cpu max -smp 1 -m 64M -chardev socket,id=qmp,fd=10 -mon chardev=qmp,mode=control";

    fn read(more: &str) -> Result<Options, String> {
        let args: Vec<_> = format!("{PLAIN} {more}")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        Options::read(&args, &["virtio-vga".to_owned()])
    }

    #[test]
    fn what_a_machine_has_is_read() {
        let options = read(
            "-chardev socket,id=serial0,fd=11 -serial chardev:serial0 -device VGA,xres=64,yres=48 -device usb-tablet",
        )
        .unwrap();
        let expected = Options {
            qmp: Some(10),
            serial: Some(11),
            agent: None,
            has_screen: true,
            has_tablet: true,
            ..Options::default()
        };
        // A keyboard may hold a file, which is equal to no other.
        assert_eq!(format!("{options:?}"), format!("{expected:?}"));
    }

    #[test]
    fn what_is_not_known_is_refused_as_qemu_does_it() {
        for (more, sentence) in [
            ("-vnc :0", "-vnc :0: only this host may see a screen"),
            ("-spice port=1", "-spice port=1: invalid option"),
            (
                "-device e1000",
                "-device e1000: 'e1000' is not a valid device model name",
            ),
            (
                "-device virtio-vga",
                "-device virtio-vga: 'virtio-vga' is not a valid device model name",
            ),
            (
                "-device VGA,colour=1",
                "-device VGA,colour=1: property 'VGA.colour' not found",
            ),
            (
                "-serial chardev:x",
                "-serial chardev:x: no such character device",
            ),
            (
                "-device virtio-blk-pci,drive=disk0",
                "-device: there is no block node `disk0`",
            ),
            (
                "-object {\"qom-type\":\"memory-backend-file\",\"id\":\"ram\",\"size\":1,\
                 \"mem-path\":\"/ram\",\"share\":true,\"x\":1}",
                "-object {\"qom-type\":\"memory-backend-file\",\"id\":\"ram\",\"size\":1,\
                 \"mem-path\":\"/ram\",\"share\":true,\"x\":1}: unknown field `x`, \
                 expected one of `qom-type`, `id`, `size`, `mem-path`, `share` at line 1 column 88",
            ),
            (
                "-machine q35,memory-backend=ram",
                "-machine q35,memory-backend=ram: object 'ram' not found",
            ),
            (
                "-incoming tcp:0",
                "-incoming tcp:0: unknown migration protocol",
            ),
            ("-smp", "-smp: requires an argument"),
        ] {
            assert_eq!(read(more).unwrap_err(), sentence);
        }
    }
}
