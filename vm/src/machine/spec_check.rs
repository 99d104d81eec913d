use std::path::Path;

use super::LaunchError;
use crate::{Arch, DiskSource, DisplayDevice, Firmware, MachineSpec};

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
    for disk in &spec.disks {
        if disk.source == (DiskSource::Blank { size_mib: 0 }) {
            return wrong("an empty disk of 0 MiB cannot be".to_owned());
        }
    }
    if let Some(first) = spec.boot_first
        && first >= spec.disks.len()
    {
        return wrong(format!(
            "it has {} disks, and disk number {first}, counted from 0, is to be booted first",
            spec.disks.len()
        ));
    }
    Ok(())
}

/// The files a spec names.
fn paths(spec: &MachineSpec) -> impl Iterator<Item = &Path> {
    let boot = match &spec.firmware {
        Firmware::Kernel(boot) => Some(boot),
        Firmware::Uefi | Firmware::Bios => None,
    };
    let kernels = boot
        .into_iter()
        .flat_map(|boot| std::iter::once(boot.kernel.as_path()).chain(boot.initrd.as_deref()));
    let disks = spec.disks.iter().filter_map(|disk| match &disk.source {
        DiskSource::Overlay(path) | DiskSource::Cdrom(path) => Some(path.as_path()),
        DiskSource::Blank { .. } | DiskSource::EmptyDrive => None,
    });
    kernels.chain(disks)
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::*;
    use crate::{Disk, KernelBoot};

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
        let rows: [(Arch, Change, &str); 9] = [
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
        ];
        for (arch, change, expected) in rows {
            assert_eq!(
                reason(arch, change),
                format!("the machine cannot be built: {expected}")
            );
        }
    }
}
