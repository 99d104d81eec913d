//! Turns the project's description of a machine into the description that `vm` launches.

use scenarios::{
    Accel, Architecture, DiskBus, DisplayDevice, Firmware, Input, Machine, Network, NicModel,
    Protocol,
};
use vm::image::DiskContent;
use vm::{Arch, Credential, Disk, KeyboardDevice, MachineSpec, PointerDevice};

use super::{JobImage, MissingImage};

/// Returns the spec of a machine with an image and these credentials for its guest.
///
/// # Errors
/// The image is missing.
pub(super) fn machine_spec(
    machine: &Machine,
    image: &JobImage,
    credentials: Vec<Credential>,
) -> Result<MachineSpec, MissingImage> {
    let mut spec = MachineSpec::desktop(arch(machine.arch));
    spec.firmware = match (&image.kernel, machine.firmware) {
        (Some(kernel), _) => vm::Firmware::Kernel(kernel.clone()),
        (None, Firmware::Uefi) => vm::Firmware::Uefi,
        (None, Firmware::Bios) => vm::Firmware::Bios,
    };
    spec.secure_boot = machine.secure_boot;
    spec.variables.clone_from(&image.firmware_vars);
    spec.accel = match machine.accel {
        Accel::Auto => vm::Accel::Auto,
        Accel::Kvm => vm::Accel::Kvm,
        Accel::Tcg => vm::Accel::Tcg,
    };
    spec.machine_type.clone_from(&machine.machine_type);
    spec.cpu_model.clone_from(&machine.cpu);
    spec.cpus = machine.cpus;
    spec.memory_mib = machine.memory_mib;
    if let Some(device) = machine.display.device {
        spec.display.device = display_device(device);
    }
    spec.display.width = machine.display.width;
    spec.display.height = machine.display.height;
    if let Some(input) = machine.input {
        (spec.keyboard, spec.pointer) = match input {
            Input::Virtio => (KeyboardDevice::Virtio, PointerDevice::VirtioTablet),
            Input::Usb => (KeyboardDevice::Usb, PointerDevice::UsbTablet),
        };
    }
    spec.nics = nics(&machine.network);
    spec.serials = machine.serial;
    spec.tpm = machine.tpm;
    spec.rng = machine.rng;
    spec.smbios.clone_from(&machine.smbios);
    spec.credentials = credentials;
    spec.agent = machine.agent;
    spec.extra_args.clone_from(&machine.qemu_args);
    let disk = image.disk.as_ref().map_err(MissingImage::clone)?;
    spec.disks.extend(disk.as_ref().map(|file| {
        let is_cd = image.is_cdrom && machine.disk.has_drive();
        let disk = match is_cd {
            true => Disk::cdrom(file.clone()),
            false => Disk::overlay(file.clone()),
        };
        Disk {
            bus: machine.disk.bus.map(disk_bus),
            grown_to_mib: machine.disk.size_mib,
            sector_bytes: match image.content {
                Some(DiskContent::Gpt { sector_bytes }) => sector_bytes,
                Some(DiskContent::Mbr | DiskContent::Iso(_) | DiskContent::Other) | None => 512,
            },
            ..disk
        }
    }));
    spec.disks.extend(machine.disks.iter().map(|disk| Disk {
        bus: disk.bus.map(disk_bus),
        ..Disk::blank(disk.size_mib)
    }));
    spec.disks
        .extend(machine.cdrom.iter().map(|cdrom| Disk::cdrom(&cdrom.value)));
    Ok(spec)
}

/// Returns the architecture of a machine that a project describes.
pub(in crate::plan) fn arch(arch: Architecture) -> Arch {
    match arch {
        Architecture::X86_64 => Arch::X86_64,
        Architecture::Aarch64 => Arch::Aarch64,
        Architecture::Riscv64 => Arch::Riscv64,
        Architecture::Loongarch64 => Arch::Loongarch64,
    }
}

fn display_device(device: DisplayDevice) -> vm::DisplayDevice {
    match device {
        DisplayDevice::VirtioVga => vm::DisplayDevice::VirtioVga,
        DisplayDevice::VirtioGpu => vm::DisplayDevice::VirtioGpu,
        DisplayDevice::Vga => vm::DisplayDevice::StdVga,
        DisplayDevice::Bochs => vm::DisplayDevice::Bochs,
        DisplayDevice::None => vm::DisplayDevice::None,
    }
}

fn disk_bus(bus: DiskBus) -> vm::DiskBus {
    match bus {
        DiskBus::Virtio => vm::DiskBus::Virtio,
        DiskBus::Nvme => vm::DiskBus::Nvme,
        DiskBus::Scsi => vm::DiskBus::Scsi,
        DiskBus::Usb => vm::DiskBus::Usb,
        DiskBus::Sata => vm::DiskBus::Sata,
    }
}

fn nics(network: &Network) -> Vec<vm::Nic> {
    let cards = match network {
        Network::Off => return Vec::new(),
        Network::User => return vec![vm::Nic::default()],
        Network::Cards(cards) => cards,
    };
    let nic = |card: &scenarios::Nic| vm::Nic {
        model: match card.model {
            NicModel::Virtio => vm::NicModel::Virtio,
            NicModel::E1000 => vm::NicModel::E1000,
            NicModel::E1000e => vm::NicModel::E1000e,
            NicModel::Igb => vm::NicModel::Igb,
            NicModel::Rtl8139 => vm::NicModel::Rtl8139,
            NicModel::Vmxnet3 => vm::NicModel::Vmxnet3,
        },
        forwards: card.forward.iter().map(forward).collect(),
        restricted: card.restrict,
    };
    cards.iter().map(nic).collect()
}

fn forward(forward: &scenarios::Forward) -> vm::Forward {
    vm::Forward {
        protocol: match forward.protocol {
            Protocol::Tcp => vm::Protocol::Tcp,
            Protocol::Udp => vm::Protocol::Udp,
        },
        host: forward.host,
        host_port: forward.host_port,
        guest_port: forward.guest_port,
    }
}

#[cfg(test)]
mod tests {
    use scenarios::{Project, Source};
    use vm::DiskSource;

    use super::*;

    fn image(disk: Option<&str>, is_cdrom: bool) -> JobImage {
        JobImage {
            disk: Ok(disk.map(Into::into)),
            is_cdrom,
            ..JobImage::without_disk("disk")
        }
    }

    /// Returns the spec of the machine with these fields.
    fn spec(fields: &str, image: &JobImage) -> MachineSpec {
        let text = format!("machines: {{ m: {{ {fields} }} }}\n");
        let (project, findings) = Project::read(&Source::new("qa.yaml", text));
        assert_eq!(findings, []);
        let machine = project.unwrap().machine("m").unwrap();
        let credentials = vec![vm::Credential::new("a", "b").unwrap()];
        let credentials = credentials.into_iter().take(machine.credentials.len());
        machine_spec(&machine, image, credentials.collect()).unwrap()
    }

    #[test]
    fn a_preset_alone_is_the_usual_machine() {
        for arch in Arch::ALL {
            let spec = spec(&format!("preset: uefi-{arch}"), &image(Some("/a"), false));
            let usual = MachineSpec {
                memory_mib: 2048,
                disks: vec![Disk::overlay("/a")],
                ..MachineSpec::desktop(arch)
            };
            assert_eq!(spec, usual);
        }
    }

    #[test]
    fn every_field_reaches_the_machine() {
        let fields = "cpu: Nehalem, cpus: 3, memory: 1G, type: pc-q35-7.2, accel: tcg, agent: false, \
            secure_boot: true, display: { device: bochs-display, width: 800, height: 600 }, input: usb, \
            disk: { bus: nvme, size: 20G }, disks: [{ size: 1G, bus: scsi }, { size: 2G, bus: usb }, \
            { size: 3G, bus: sata }, { size: 4G }], cdrom: /s.iso, \
            network: [{ model: igb, forward: 'udp:0.0.0.0:5353:53' }, { restrict: true }], serial: 4, \
            tpm: true, rng: false, smbios: ['type=1'], credentials: { a: b }, qemu_args: [-no-hpet]";
        let expected = MachineSpec {
            machine_type: Some("pc-q35-7.2".to_owned()),
            firmware: vm::Firmware::Uefi,
            secure_boot: true,
            accel: vm::Accel::Tcg,
            cpu_model: Some("Nehalem".to_owned()),
            cpus: 3,
            memory_mib: 1024,
            display: vm::Display {
                device: vm::DisplayDevice::Bochs,
                width: 800,
                height: 600,
            },
            keyboard: KeyboardDevice::Usb,
            pointer: PointerDevice::UsbTablet,
            disks: vec![
                Disk {
                    grown_to_mib: Some(20 << 10),
                    ..Disk::overlay("/a").on(vm::DiskBus::Nvme)
                },
                Disk::blank(1 << 10).on(vm::DiskBus::Scsi),
                Disk::blank(2 << 10).on(vm::DiskBus::Usb),
                Disk::blank(3 << 10).on(vm::DiskBus::Sata),
                Disk::blank(4 << 10),
                Disk::cdrom("/s.iso"),
            ],
            nics: vec![
                vm::Nic {
                    model: vm::NicModel::Igb,
                    forwards: vec![vm::Forward {
                        protocol: vm::Protocol::Udp,
                        host: [0, 0, 0, 0].into(),
                        host_port: 5353,
                        guest_port: 53,
                    }],
                    restricted: false,
                },
                vm::Nic {
                    restricted: true,
                    ..vm::Nic::default()
                },
            ],
            serials: 4,
            tpm: true,
            rng: false,
            smbios: vec!["type=1".to_owned()],
            credentials: vec![vm::Credential::new("a", "b").unwrap()],
            agent: false,
            extra_args: vec!["-no-hpet".to_owned()],
            ..MachineSpec::desktop(Arch::X86_64)
        };
        assert_eq!(spec(fields, &image(Some("/a"), false)), expected);
    }

    #[test]
    fn the_image_of_a_cd_is_a_stick_where_there_is_no_drive_for_it() {
        for (fields, expected) in [
            ("", Disk::cdrom("/a.iso")),
            (
                "disk: { bus: scsi }",
                Disk::cdrom("/a.iso").on(vm::DiskBus::Scsi),
            ),
            (
                "disk: { bus: usb }",
                Disk::overlay("/a.iso").on(vm::DiskBus::Usb),
            ),
            (
                "disk: { bus: virtio }",
                Disk::overlay("/a.iso").on(vm::DiskBus::Virtio),
            ),
        ] {
            let spec = spec(fields, &image(Some("/a.iso"), true));
            assert_eq!(spec.disks, [expected], "{fields}");
        }
    }

    #[test]
    fn a_kernel_takes_the_place_of_the_firmware() {
        let boot = vm::KernelBoot {
            kernel: "/linux".into(),
            initrd: Some("/initrd".into()),
            append: "quiet".to_owned(),
        };
        let kernel_only = JobImage {
            kernel: Some(boot.clone()),
            ..image(None, false)
        };
        let spec = spec("disks: [{ size: 1G }]", &kernel_only);
        assert_eq!(spec.firmware, vm::Firmware::Kernel(boot));
        let sources: Vec<_> = spec.disks.into_iter().map(|disk| disk.source).collect();
        assert_eq!(sources, [DiskSource::Blank { size_mib: 1024 }]);
    }

    /// The rules for valid machines exist twice: the language reports the place of a mistake to a person, and `vm`
    /// checks the machines that it builds. `vm` must build every machine that the language accepts.
    #[test]
    fn what_the_language_lets_pass_can_be_built() {
        let displays = [
            "virtio-vga",
            "virtio-gpu-pci",
            "VGA",
            "bochs-display",
            "none",
        ];
        let mut passed = 0;
        for arch in Arch::ALL {
            for firmware in ["uefi", "bios"] {
                for display in displays {
                    for secure_boot in [false, true] {
                        let text = format!(
                            "machines: {{ m: {{ arch: {arch}, firmware: {firmware}, secure_boot: {secure_boot}, \
                            display: {{ device: {display} }} }} }}\n"
                        );
                        let (project, findings) =
                            Project::read(&Source::new("qa.yaml", text.as_str()));
                        if !findings.is_empty() {
                            continue;
                        }
                        let machine = project.unwrap().machine("m").unwrap();
                        let image = image(Some("/a"), false);
                        let spec = machine_spec(&machine, &image, Vec::new()).unwrap();
                        assert!(spec.check().is_ok(), "{text}{:?}", spec.check());
                        passed += 1;
                    }
                }
            }
        }
        assert!(passed > 20, "{passed}");
    }
}
