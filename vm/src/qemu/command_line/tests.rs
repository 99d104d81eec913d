//! The whole command line of machines of every kind.

use super::*;
use crate::{
    Arch, Credential, Disk, DiskBus, DisplayDevice, Firmware, Forward, KernelBoot, KeyboardDevice,
    Nic, NicModel, PointerDevice, Protocol,
    qemu::firmware::{FirmwareMapping, FlashChips, FlashFormat},
};

fn wiring(disks: &[(&str, &'static str)]) -> Wiring {
    Wiring {
        accel: AccelChoice::Tcg {
            because: "a test".to_owned(),
        },
        firmware: None,
        variables: "/run/vars.raw".into(),
        disks: disks
            .iter()
            .map(|&(path, format)| {
                let format = FileFormat::NAMES.iter().find(|(name, _)| *name == format);
                (!path.is_empty()).then(|| DiskFile::new(path, format.unwrap().1))
            })
            .collect(),
        memory: MainMemory::Process,
        incoming: false,
        vnc: false,
        qmp: 10,
        serials: vec![11],
        agent: 12,
        tpm: 14,
        keyboard_reports: None,
        firmware_log: None,
        credentials: Vec::new(),
    }
}

fn uefi(arch: Arch) -> FirmwareFiles {
    FirmwareFiles {
        descriptor: "/usr/share/qemu/firmware/60.json".into(),
        code: format!("/fw/{arch}/code.fd").into(),
        mapping: FirmwareMapping::Flash(FlashChips {
            code_format: FlashFormat::Raw,
            variables: format!("/fw/{arch}/vars.fd").into(),
            variables_format: FlashFormat::Raw,
            needs_smm: false,
        }),
    }
}

fn u_boot() -> FirmwareFiles {
    FirmwareFiles {
        descriptor: "90-u-boot-riscv64.json".into(),
        code: "/fw/uboot.elf".into(),
        mapping: FirmwareMapping::Kernel,
    }
}

fn golden(name: &str, spec: &MachineSpec, wiring: &Wiring) {
    let program = Path::new(spec.arch.qemu_program());
    insta::with_settings!({
        snapshot_path => "../../../golden", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!(name, CommandLine::new(spec, wiring).to_shell(program));
    });
}

#[test]
fn a_uefi_desktop() {
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.disks.push(Disk::overlay("/images/gnome.qcow2"));
    spec.nics = vec![Nic::default()];
    let mut wiring = wiring(&[("/run/disk0.qcow2", "qcow2")]);
    wiring.firmware = Some(uefi(Arch::X86_64));
    golden("x86_64-uefi-desktop", &spec, &wiring);
}

#[test]
fn a_bios_machine_with_kvm_usb_and_three_disks() {
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.firmware = Firmware::Bios;
    spec.display.device = DisplayDevice::StdVga;
    spec.keyboard = KeyboardDevice::Usb;
    spec.pointer = PointerDevice::UsbTablet;
    spec.agent = false;
    spec.disks = vec![
        Disk::cdrom("/i/install, 1.iso"),
        Disk::blank(8192),
        Disk::overlay("/i/data.raw"),
    ];
    spec.extra_args = vec!["-name".to_owned(), "it's mine".to_owned()];
    let mut wiring = wiring(&[
        ("/i/install, 1.iso", "raw"),
        ("/run/disk1.qcow2", "qcow2"),
        ("/run/disk2.qcow2", "qcow2"),
    ]);
    wiring.accel = AccelChoice::Kvm;
    wiring.firmware_log = Some("/run, one/firmware.log".into());
    golden("x86_64-bios-kvm", &spec, &wiring);
}

#[test]
fn a_machine_that_starts_from_its_disk_beside_an_empty_drive() {
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.disks = vec![Disk::empty_drive(), Disk::blank(8192), Disk::blank(1)];
    spec.boot_first = Some(1);
    let wiring = wiring(&[
        ("", ""),
        ("/run/disk1.qcow2", "qcow2"),
        ("/run/disk2.qcow2", "qcow2"),
    ]);
    golden("x86_64-empty-drive", &spec, &wiring);
}

#[test]
fn every_file_that_a_disk_stands_on_is_named_with_its_format() {
    let image = DiskFile {
        data: Some("/i/bytes".into()),
        ..DiskFile::new("/i/top.qcow2", FileFormat::Qcow2)
    };
    let image = image.on(DiskFile::new("/i/base.vmdk", FileFormat::Vmdk));
    let disk = DiskFile::new("/run/disk0.qcow2", FileFormat::Qcow2).on(image);
    let file = |path: &str| serde_json::json!({"driver": "file", "filename": path});
    let expected = serde_json::json!({
        "node-name": "disk0", "driver": "qcow2", "file": file("/run/disk0.qcow2"), "read-only": false,
        "cache": {"direct": false, "no-flush": true},
        "backing": {
            "driver": "qcow2", "file": file("/i/top.qcow2"), "data-file": file("/i/bytes"), "read-only": true,
            "backing": {"driver": "vmdk", "file": file("/i/base.vmdk"), "read-only": true, "backing": null},
        },
    });
    assert_eq!(disk_node(0, &disk, false), expected);
    for format in [
        FileFormat::Raw,
        FileFormat::Vdi,
        FileFormat::Vhd,
        FileFormat::Vhdx,
    ] {
        let node = disk_node(0, &DiskFile::new("/i/a", format), true);
        assert_eq!(node["driver"], format.driver());
        assert!(
            node.get("backing").is_none(),
            "QEMU refuses the field for {format}"
        );
    }
}

#[test]
fn a_disk_with_large_sectors_is_attached_as_such() {
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.disks = vec![Disk {
        sector_bytes: 4096,
        ..Disk::overlay("/i/a.raw")
    }];
    let wiring = wiring(&[("/run/disk0.qcow2", "qcow2")]);
    let args = CommandLine::new(&spec, &wiring).args().join(" ");
    let device = "virtio-blk-pci,logical_block_size=4096,physical_block_size=4096,id=drive0";
    assert!(args.contains(device), "{args}");
}

#[test]
fn machines_to_be_saved_and_machines_from_a_checkpoint() {
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.disks.push(Disk::overlay("/images/gnome.qcow2"));
    let mut wiring = wiring(&[("/run/disk0.qcow2", "qcow2")]);
    wiring.firmware = Some(uefi(Arch::X86_64));
    wiring.memory = MainMemory::Shared("/proc/self/fd/13".into());
    golden("x86_64-savable", &spec, &wiring);
    wiring.memory = MainMemory::CopyOnWrite("/checkpoints/1, 2/ram".into());
    wiring.incoming = true;
    golden("x86_64-restored", &spec, &wiring);
}

#[test]
fn a_machine_whose_screen_is_reachable_differs_by_that_alone() {
    let spec = MachineSpec::desktop(Arch::X86_64);
    let mut wiring = wiring(&[]);
    let hidden = CommandLine::new(&spec, &wiring);
    wiring.vnc = true;
    let reachable = CommandLine::new(&spec, &wiring);
    let more: Vec<_> = reachable
        .args()
        .iter()
        .filter(|arg| !hidden.args().contains(arg))
        .collect();
    assert_eq!(more, ["-vnc", "127.0.0.1:0,to=99"]);
}

#[test]
fn a_kernel_without_firmware_screen_or_input() {
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.firmware = Firmware::Kernel(KernelBoot {
        kernel: "/boot/linux".into(),
        initrd: Some("/boot/initrd.gz".into()),
        append: "root=/dev/vda rw console=ttyS0 quiet".to_owned(),
    });
    spec.display.device = DisplayDevice::None;
    spec.keyboard = KeyboardDevice::BuiltIn;
    spec.pointer = PointerDevice::BuiltIn;
    spec.cpu_model = Some("Nehalem".to_owned());
    golden("x86_64-kernel", &spec, &wiring(&[]));
}

#[test]
fn desktops_of_other_architectures() {
    for (name, arch, firmware) in [
        ("uefi", Arch::Aarch64, uefi(Arch::Aarch64)),
        ("uefi", Arch::Riscv64, uefi(Arch::Riscv64)),
        ("u-boot", Arch::Riscv64, u_boot()),
        ("uefi", Arch::Loongarch64, uefi(Arch::Loongarch64)),
    ] {
        let mut spec = MachineSpec::desktop(arch);
        spec.disks = vec![
            Disk::overlay("/images/a.qcow2"),
            Disk::cdrom("/images/b.iso"),
        ];
        let mut wiring = wiring(&[("/run/disk0.qcow2", "qcow2"), ("/images/b.iso", "raw")]);
        wiring.firmware = Some(firmware);
        golden(&format!("{arch}-{name}-desktop"), &spec, &wiring);
    }
}

#[test]
fn arm_machines_with_many_processors_get_an_interrupt_controller_for_them() {
    let machine = |cpus| {
        let mut spec = MachineSpec::desktop(Arch::Aarch64);
        spec.cpus = cpus;
        let line = CommandLine::new(&spec, &wiring(&[])).to_shell(Path::new("qemu"));
        let machine = line.lines().find(|line| line.contains("-machine"));
        machine.unwrap_or_default().trim().to_owned()
    };
    assert_eq!(machine(8), "-machine virt \\");
    assert_eq!(machine(9), "-machine virt,gic-version=max \\");
}

#[test]
fn a_pc_with_everything() {
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.secure_boot = true;
    spec.keyboard = KeyboardDevice::Usb;
    spec.pointer = PointerDevice::UsbTablet;
    spec.serials = 3;
    spec.tpm = true;
    spec.rng = false;
    spec.smbios = vec!["type=1,serial=42".to_owned()];
    spec.credentials = vec![Credential::new("a", "b").unwrap()];
    spec.disks = vec![
        Disk::overlay("/i/gnome.qcow2").on(DiskBus::Nvme),
        Disk::blank(1).on(DiskBus::Scsi),
        Disk::blank(2).on(DiskBus::Usb),
        Disk::blank(3).on(DiskBus::Sata),
        Disk::cdrom("/i/seed.iso"),
        Disk::blank(4),
    ];
    spec.nics = vec![
        Nic {
            forwards: vec![
                Forward {
                    protocol: Protocol::Tcp,
                    host: [127, 0, 0, 1].into(),
                    host_port: 2222,
                    guest_port: 22,
                },
                Forward {
                    protocol: Protocol::Udp,
                    host: [0, 0, 0, 0].into(),
                    host_port: 5353,
                    guest_port: 53,
                },
            ],
            ..Nic::default()
        },
        Nic {
            model: NicModel::E1000e,
            restricted: true,
            ..Nic::default()
        },
    ];
    let files: Vec<_> = (0..6).map(|index| format!("/run/disk{index}")).collect();
    let files: Vec<_> = files.iter().map(|file| (file.as_str(), "qcow2")).collect();
    let mut wiring = wiring(&files);
    wiring.serials = vec![11, 15, 16];
    wiring.credentials = vec!["/proc/self/fd/17".into()];
    let mut firmware = uefi(Arch::X86_64);
    if let FirmwareMapping::Flash(chips) = &mut firmware.mapping {
        chips.needs_smm = true;
    }
    wiring.firmware = Some(firmware);
    golden("x86_64-everything", &spec, &wiring);
}

#[test]
fn an_arm_machine_with_much_and_no_firmware() {
    let mut spec = MachineSpec::desktop(Arch::Aarch64);
    spec.firmware = Firmware::Kernel(KernelBoot {
        kernel: "/boot/linux".into(),
        initrd: None,
        append: "console=ttyAMA0".to_owned(),
    });
    spec.cpus = 12;
    spec.serials = 2;
    spec.tpm = true;
    spec.disks = vec![
        Disk::blank(1).on(DiskBus::Sata),
        Disk::cdrom("/i/a.iso").on(DiskBus::Sata),
        Disk::cdrom("/i/b.iso"),
        Disk::blank(1).on(DiskBus::Scsi),
    ];
    let mut wiring = wiring(&[
        ("/run/disk0.qcow2", "qcow2"),
        ("/i/a.iso", "raw"),
        ("/i/b.iso", "raw"),
        ("/run/disk3.qcow2", "qcow2"),
    ]);
    wiring.serials = vec![11, 15];
    golden("aarch64-kernel", &spec, &wiring);
}

#[test]
fn an_old_pc_has_two_ide_buses() {
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.firmware = Firmware::Bios;
    spec.disks = vec![Disk::blank(1).on(DiskBus::Sata); 3];
    let devices = |machine_type: &str| -> Vec<String> {
        let mut spec = spec.clone();
        spec.machine_type = Some(machine_type.to_owned());
        let wiring = wiring(&[("/a", "qcow2"), ("/b", "qcow2"), ("/c", "qcow2")]);
        let line = CommandLine::new(&spec, &wiring);
        let disks = line
            .args()
            .iter()
            .filter_map(|arg| arg.strip_prefix("ide-hd,"));
        let buses = disks.filter_map(|disk| Some(disk.split_once(",id=")?.0.to_owned()));
        buses.collect()
    };
    assert_eq!(
        devices("pc,acpi=off"),
        ["bus=ide.0,unit=0", "bus=ide.0,unit=1", "bus=ide.1,unit=0"]
    );
    assert_eq!(devices("q35"), ["bus=ide.0", "bus=ide.1", "bus=ide.2"]);
}
