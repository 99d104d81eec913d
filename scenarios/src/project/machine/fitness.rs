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
