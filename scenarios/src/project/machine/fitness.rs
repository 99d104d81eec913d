//! Finds properties of a machine that exclude each other.

use super::architecture::Architecture;
use super::firmware::Firmware;
use super::machine::Machine;
use crate::finding::Span;
use crate::yaml::{Fields, Reader};

/// Reports properties of a machine that exclude each other, at the field to change. Returns true if there are none.
pub(super) fn check(reader: &mut Reader, machine: &Machine, fields: &Fields) -> bool {
    let what = format!("the machine `{}`", machine.name);
    let arch = machine.arch;
    let at = |names: &[&str]| -> Span {
        let written = names.iter().find_map(|name| fields.get(name));
        // Values of a preset have no place in the file.
        written.map_or_else(|| fields.at.clone(), |node| node.at.clone())
    };
    let mut wrong = |at: Span, message: String, help: &str| {
        reader.invalid::<()>(&at, format!("{what}: {message}"), help);
        false
    };
    let mut fine = true;
    if machine.board.is_some() {
        return check_board(reader, &what, fields);
    }
    if machine.firmware == Firmware::Bios && arch != Architecture::X86_64 {
        fine = wrong(
            at(&["firmware", "arch", "preset"]),
            format!("{} has no BIOS", arch.name()),
            "write `firmware: uefi`",
        );
    }
    if machine
        .display
        .device
        .is_some_and(|device| device.is_vga() && arch != Architecture::X86_64)
    {
        fine = wrong(
            at(&["display"]),
            format!("{} has no VGA", arch.name()),
            "write `device: virtio-gpu-pci`, or leave `device` out",
        );
    }
    if machine.secure_boot {
        if machine.firmware == Firmware::Bios {
            fine = wrong(
                at(&["secure_boot"]),
                "a BIOS has no Secure Boot".to_owned(),
                "write `firmware: uefi`, or leave `secure_boot` out",
            );
        } else if !matches!(arch, Architecture::X86_64 | Architecture::Aarch64) {
            fine = wrong(
                at(&["secure_boot"]),
                format!("there is no firmware with Secure Boot for {}", arch.name()),
                "leave `secure_boot` out; x86_64 and aarch64 have it",
            );
        } else if arch == Architecture::X86_64
            && machine
                .machine_type
                .as_ref()
                .is_some_and(|name| !name.starts_with("q35") && !name.starts_with("pc-q35"))
        {
            fine = wrong(
                at(&["type"]),
                "Secure Boot needs a machine of type `q35`".to_owned(),
                "write `type: q35`, or leave `type` out",
            );
        }
    }
    fine
}

/// The fields that describe a virtual machine, and that a board does not have.
const VIRTUAL: [&str; 20] = [
    "preset",
    "firmware",
    "secure_boot",
    "cpus",
    "memory",
    "cpu",
    "type",
    "accel",
    "display",
    "input",
    "disk",
    "disks",
    "cdrom",
    "network",
    "serial",
    "tpm",
    "rng",
    "smbios",
    "credentials",
    "agent",
];

/// Reports fields of a virtual machine in the description of a board. Returns true if there are none.
fn check_board(reader: &mut Reader, what: &str, fields: &Fields) -> bool {
    let mut fine = true;
    for name in VIRTUAL.into_iter().chain(["qemu_args"]) {
        let Some((key, _)) = fields.entry(name) else {
            continue;
        };
        let help = match name {
            "serial" | "input" | "network" => format!("write `{name}` under `board:`"),
            "display" => "write `screen` under `board:`".to_owned(),
            "preset" => "write `profile` under `board:`, and `arch` here".to_owned(),
            _ => "leave it out: only a virtual machine has it".to_owned(),
        };
        reader.invalid::<()>(
            &key.at,
            format!("{what} is a board, which has no `{name}`"),
            &help,
        );
        fine = false;
    }
    if fields.get("arch").is_none() && !fields.misspells("arch") {
        reader.invalid::<()>(
            &fields.at,
            format!("{what} is a board, which needs the field `arch`"),
            "write `arch:` with one of x86_64, aarch64, riscv64 and loongarch64",
        );
        fine = false;
    }
    fine
}
