//! From a machine as a project describes it to one that `vm` can launch.

use reports::CauseKind;
use scenarios::{Accel, Architecture, Firmware, Machine, Network};
use vm::{Arch, Disk, DisplayDevice, MachineSpec};

use crate::engine::job::JobImage;
use crate::engine::stop::Stop;

/// The spec of a machine with an image in it.
///
/// # Errors
/// A display device that is not known, an image that is not there.
pub(super) fn machine_spec(machine: &Machine, image: &JobImage) -> Result<MachineSpec, Stop> {
    let arch = match machine.arch {
        Architecture::X86_64 => Arch::X86_64,
        Architecture::Aarch64 => Arch::Aarch64,
        Architecture::Riscv64 => Arch::Riscv64,
    };
    let mut spec = MachineSpec::desktop(arch);
    spec.firmware = match machine.firmware {
        Firmware::Uefi => vm::Firmware::Uefi,
        Firmware::Bios => vm::Firmware::Bios,
    };
    spec.accel = match machine.accel {
        Accel::Auto => vm::Accel::Auto,
        Accel::Kvm => vm::Accel::Kvm,
        Accel::Tcg => vm::Accel::Tcg,
    };
    spec.machine_type.clone_from(&machine.machine_type);
    spec.cpu_model.clone_from(&machine.cpu);
    spec.cpus = machine.cpus;
    spec.memory_mib = machine.memory_mib;
    if let Some(device) = &machine.display.device {
        spec.display.device = display_device(device)?;
    }
    spec.display.width = machine.display.width;
    spec.display.height = machine.display.height;
    spec.network = match machine.network {
        Network::Off => vm::Network::Off,
        Network::User => vm::Network::User,
    };
    spec.agent = machine.agent;
    spec.extra_args.clone_from(&machine.qemu_args);
    let disk = image.disk.as_ref().map_err(|missing| {
        Stop::error(CauseKind::Image, missing.message.clone()).hint(missing.hint.clone())
    })?;
    spec.disks.push(if image.is_cdrom {
        Disk::cdrom(disk)
    } else {
        Disk::overlay(disk)
    });
    spec.disks
        .extend(machine.disks.iter().map(|disk| Disk::blank(disk.size_mib)));
    Ok(spec)
}

fn display_device(name: &str) -> Result<DisplayDevice, Stop> {
    match name {
        "virtio-vga" => Ok(DisplayDevice::VirtioVga),
        "virtio-gpu-pci" => Ok(DisplayDevice::VirtioGpu),
        "VGA" => Ok(DisplayDevice::StdVga),
        "bochs-display" => Ok(DisplayDevice::Bochs),
        "none" => Ok(DisplayDevice::None),
        other => Err(Stop::error(
            CauseKind::Scenario,
            format!(
                "display device `{other}` is not known; there are virtio-vga, virtio-gpu-pci, VGA, bochs-display and none"
            ),
        )),
    }
}
