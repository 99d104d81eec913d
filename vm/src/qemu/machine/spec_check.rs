//! Checks the description of a machine.

use std::path::Path;

use super::LaunchError;
use crate::{Arch, DiskBus, DiskSource, DisplayDevice, Firmware, Forward, MachineSpec};

/// Refuses a spec that no QEMU could build, before anything is made for it.
pub(super) fn check(spec: &MachineSpec) -> Result<(), LaunchError> {
    let wrong = |reason: String| Err(LaunchError::Spec { reason });
    if spec.cpus == 0 {
        return wrong("it has no processor; `cpus` must be at least 1".to_owned());
    }
    if spec.memory_mib == 0 {
        return wrong("it has no memory; `memory` must be at least 1 MiB".to_owned());
    }
    let display = spec.display;
    if display.device != DisplayDevice::None && (display.width == 0 || display.height == 0) {
        return wrong(format!(
            "a screen of {} x {} pixels cannot be",
            display.width, display.height
        ));
    }
    if spec.arch != Arch::X86_64 {
        if matches!(
            display.device,
            DisplayDevice::VirtioVga | DisplayDevice::StdVga
        ) {
            return wrong(format!(
                "{} machines have no VGA; use `virtio-gpu-pci` as display device",
                spec.arch
            ));
        }
        if spec.firmware == Firmware::Bios {
            return wrong(format!(
                "{} machines have no BIOS; use `uefi` as firmware",
                spec.arch
            ));
        }
    }
    if !(1..=MachineSpec::MOST_SERIALS).contains(&spec.serials) {
        return wrong(format!(
            "{} serial lines cannot be; there are from 1 to {}",
            spec.serials,
            MachineSpec::MOST_SERIALS
        ));
    }
    if spec.secure_boot && spec.firmware != Firmware::Uefi {
        return wrong("Secure Boot needs UEFI; use `uefi` as firmware".to_owned());
    }
    if let Some(reason) = wrong_network(spec).or_else(|| wrong_disks(spec)) {
        return wrong(reason);
    }
    for path in paths(spec) {
        if path.to_str().is_none() {
            return wrong(format!(
                "the path {} is not UTF-8, which QEMU's options cannot carry; rename it",
                path.display()
            ));
        }
    }
    if let Firmware::Kernel(boot) = &spec.firmware {
        for path in std::iter::once(&boot.kernel).chain(&boot.initrd) {
            if !path.is_file() {
                return wrong(format!("there is no file {} to boot", path.display()));
            }
        }
    }
    Ok(())
}

/// Returns the fault of the ports that lead to the guest.
fn wrong_network(spec: &MachineSpec) -> Option<String> {
    let forwards: Vec<_> = spec.nics.iter().flat_map(|nic| &nic.forwards).collect();
    for (index, forward) in forwards.iter().enumerate() {
        if forward.guest_port == 0 || forward.host_port == 0 {
            return Some(format!("a port of `{forward}` is 0, which is none"));
        }
        let same = |other: &&Forward| {
            (other.protocol, other.host_port) == (forward.protocol, forward.host_port)
                && (other.host == forward.host
                    || other.host.is_unspecified()
                    || forward.host.is_unspecified())
        };
        if forwards[..index].iter().any(same) {
            return Some(format!(
                "port {} of the host is forwarded twice",
                forward.host_port
            ));
        }
    }
    None
}

/// Returns the fault of the disks, apart from their files.
fn wrong_disks(spec: &MachineSpec) -> Option<String> {
    let sata = if spec.is_i440fx() { 4 } else { 6 };
    for (bus, name, most) in [(DiskBus::Usb, "USB", 8), (DiskBus::Sata, "SATA", sata)] {
        let on_it = spec.disks.iter().filter(|disk| disk.bus(spec.arch) == bus);
        let count = on_it.count();
        if count > most {
            return Some(format!(
                "{count} disks cannot be attached by {name}; {most} can"
            ));
        }
    }
    for disk in &spec.disks {
        let bus = disk.bus(spec.arch);
        if disk.sector_bytes != 512 && matches!(bus, DiskBus::Usb | DiskBus::Sata) {
            return Some(format!(
                "a disk with sectors of {} bytes cannot be attached by USB or SATA; use virtio, nvme or scsi as its \
                `bus`",
                disk.sector_bytes
            ));
        }
        match &disk.source {
            DiskSource::Blank { size_mib: 0 } => {
                return Some("an empty disk of 0 MiB cannot be".to_owned());
            }
            DiskSource::Cdrom(_) | DiskSource::EmptyDrive if disk.grown_to_mib.is_some() => {
                return Some("a CD does not grow".to_owned());
            }
            DiskSource::Cdrom(_) | DiskSource::EmptyDrive
                if !matches!(disk.bus(spec.arch), DiskBus::Scsi | DiskBus::Sata) =>
            {
                return Some("there are drives for CDs by SCSI and SATA only".to_owned());
            }
            DiskSource::Blank { .. }
            | DiskSource::Overlay(_)
            | DiskSource::Cdrom(_)
            | DiskSource::EmptyDrive => {}
        }
    }
    if let Some(first) = spec.boot_first
        && first >= spec.disks.len()
    {
        return Some(format!(
            "it has {} disks, and disk number {first}, counted from 0, is to be booted first",
            spec.disks.len()
        ));
    }
    None
}

/// Returns the files that a spec names.
fn paths(spec: &MachineSpec) -> impl Iterator<Item = &Path> {
    let boot = match &spec.firmware {
        Firmware::Kernel(boot) => Some(boot),
        Firmware::Uefi | Firmware::Bios => None,
    };
    let kernels = boot
        .into_iter()
        .flat_map(|boot| std::iter::once(boot.kernel.as_path()).chain(boot.initrd.as_deref()));
    let disks = spec.disks.iter().filter_map(|disk| match &disk.source {
        DiskSource::Overlay(image) | DiskSource::Cdrom(image) => Some(image.path.as_path()),
        DiskSource::Blank { .. } | DiskSource::EmptyDrive => None,
    });
    kernels.chain(disks)
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::*;
    use crate::{Disk, KernelBoot, Nic, Protocol};

    fn forward(host: [u8; 4], host_port: u16) -> Forward {
        Forward {
            protocol: Protocol::Tcp,
            host: host.into(),
            host_port,
            guest_port: 22,
        }
    }

    fn reason(arch: Arch, change: impl FnOnce(&mut MachineSpec)) -> String {
        let mut spec = MachineSpec::desktop(arch);
        change(&mut spec);
        match check(&spec) {
            Err(error) => error.to_string(),
            Ok(()) => "fine".to_owned(),
        }
    }

    #[test]
    fn the_usual_machines_are_fine() {
        for arch in Arch::ALL {
            let disks = vec![Disk::overlay("/a.qcow2"), Disk::blank(1)];
            assert_eq!(reason(arch, |spec| spec.disks = disks), "fine");
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        type Change = fn(&mut MachineSpec);
        let rows: [(Arch, Change, &str); 18] = [
            (
                Arch::X86_64,
                |spec| spec.cpus = 0,
                "it has no processor; `cpus` must be at least 1",
            ),
            (
                Arch::X86_64,
                |spec| spec.memory_mib = 0,
                "it has no memory; `memory` must be at least 1 MiB",
            ),
            (
                Arch::X86_64,
                |spec| spec.display.width = 0,
                "a screen of 0 x 768 pixels cannot be",
            ),
            (
                Arch::Aarch64,
                |spec| spec.display.device = DisplayDevice::VirtioVga,
                "aarch64 machines have no VGA; use `virtio-gpu-pci` as display device",
            ),
            (
                Arch::Riscv64,
                |spec| spec.firmware = Firmware::Bios,
                "riscv64 machines have no BIOS; use `uefi` as firmware",
            ),
            (
                Arch::X86_64,
                |spec| spec.disks = vec![Disk::overlay(OsStr::from_bytes(b"/a\xff"))],
                "the path /a\u{fffd} is not UTF-8, which QEMU's options cannot carry; rename it",
            ),
            (
                Arch::X86_64,
                |spec| {
                    spec.firmware = Firmware::Kernel(KernelBoot {
                        kernel: "/nowhere/linux".into(),
                        initrd: None,
                        append: String::new(),
                    });
                },
                "there is no file /nowhere/linux to boot",
            ),
            (
                Arch::X86_64,
                |spec| spec.disks = vec![Disk::blank(0)],
                "an empty disk of 0 MiB cannot be",
            ),
            (
                Arch::X86_64,
                |spec| spec.boot_first = Some(0),
                "it has 0 disks, and disk number 0, counted from 0, is to be booted first",
            ),
            (
                Arch::X86_64,
                |spec| spec.disks = vec![Disk::empty_drive().on(DiskBus::Usb)],
                "there are drives for CDs by SCSI and SATA only",
            ),
            (
                Arch::X86_64,
                |spec| {
                    spec.disks = vec![Disk {
                        grown_to_mib: Some(9),
                        ..Disk::cdrom("/a.iso")
                    }];
                },
                "a CD does not grow",
            ),
            (
                Arch::Riscv64,
                |spec| spec.disks = vec![Disk::blank(1).on(DiskBus::Usb); 9],
                "9 disks cannot be attached by USB; 8 can",
            ),
            (
                Arch::X86_64,
                |spec| {
                    spec.disks = vec![Disk::blank(1).on(DiskBus::Sata); 6];
                    spec.disks.push(Disk::cdrom("/a.iso"));
                },
                "7 disks cannot be attached by SATA; 6 can",
            ),
            (
                Arch::X86_64,
                |spec| {
                    spec.machine_type = Some("pc".to_owned());
                    spec.disks = vec![Disk::blank(1).on(DiskBus::Sata); 5];
                },
                "5 disks cannot be attached by SATA; 4 can",
            ),
            (
                Arch::X86_64,
                |spec| spec.serials = 5,
                "5 serial lines cannot be; there are from 1 to 4",
            ),
            (
                Arch::X86_64,
                |spec| {
                    spec.firmware = Firmware::Bios;
                    spec.secure_boot = true;
                },
                "Secure Boot needs UEFI; use `uefi` as firmware",
            ),
            (
                Arch::X86_64,
                |spec| {
                    spec.nics = [[127, 0, 0, 1], [0, 0, 0, 0]]
                        .map(|host| Nic {
                            forwards: vec![forward(host, 2222)],
                            ..Nic::default()
                        })
                        .to_vec();
                },
                "port 2222 of the host is forwarded twice",
            ),
            (
                Arch::X86_64,
                |spec| {
                    spec.nics = vec![Nic {
                        forwards: vec![forward([127, 0, 0, 1], 0)],
                        ..Nic::default()
                    }];
                },
                "a port of `tcp:127.0.0.1:0-:22` is 0, which is none",
            ),
        ];
        for (arch, change, expected) in rows {
            assert_eq!(
                reason(arch, change),
                format!("the machine cannot be built: {expected}")
            );
        }
    }
}
