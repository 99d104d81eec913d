//! The devices of machines: disks on each bus, serial lines, network cards, a TPM, tables, other architectures.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

use serde_json::json;
use tokio::time::timeout;
use vm::{
    Arch, Credential, Disk, DiskBus, Firmware, Forward, KernelBoot, LaunchError, Machine,
    MachineSpec, Nic, NicModel, Offers, Protocol, qemu::firmware::FirmwareMapping,
    qemu::qmp::Sensitivity,
};

use super::{Bench, LIMIT, SAVABLE, boot_sector, drawn, lives, serial_says, type_text};

impl Bench {
    fn guest(&self) -> PathBuf {
        self.root.path().join("guest.raw")
    }

    async fn launch_spec(&self, spec: &MachineSpec) -> Machine {
        let launched = Machine::launch(spec, &self.run_folder()).await;
        launched.unwrap().0
    }

    /// Returns the process ids of the TPMs of machines that run in this folder.
    fn tpms(&self, folder: &Path) -> Vec<u32> {
        let processes = fs::read_dir("/proc").unwrap();
        let ids = processes.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
        ids.filter(|id| {
            let of = |name: &str| format!("/proc/{id}/{name}");
            // A process that ends meanwhile has neither.
            fs::read_to_string(of("comm")).is_ok_and(|name| name.trim() == "swtpm")
                && fs::read_link(of("cwd")).is_ok_and(|cwd| cwd == folder)
        })
        .collect()
    }
}

async fn monitor(machine: &Machine, line: &str) -> String {
    let arguments = json!({"command-line": line});
    let command = "human-monitor-command";
    let answer = machine
        .qmp()
        .unwrap()
        .raw(command, arguments, Sensitivity::Open);
    answer.await.unwrap().as_str().unwrap().to_owned()
}

/// Returns true if these bytes are in the part of a PC's memory where the BIOS keeps its tables.
async fn is_in_memory(bench: &Bench, machine: &Machine, bytes: &[u8]) -> bool {
    let file = bench.root.path().join("memory");
    let arguments = json!({"val": 0xE_0000, "size": 0x2_0000, "filename": file});
    let saved = machine
        .qmp()
        .unwrap()
        .raw("pmemsave", arguments, Sensitivity::Open);
    saved.await.unwrap();
    let memory = fs::read(file).unwrap();
    memory.windows(bytes.len()).any(|window| window == bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_starts_from_a_disk_on_each_bus() {
    for bus in [
        DiskBus::Virtio,
        DiskBus::Nvme,
        DiskBus::Scsi,
        DiskBus::Usb,
        DiskBus::Sata,
    ] {
        let bench = Bench::new();
        let mut spec = bench.spec();
        // Other devices are present, so that the order counts as well.
        spec.disks = vec![
            Disk::overlay(bench.guest()).on(bus),
            Disk::blank(1).on(bus),
            Disk::blank(1),
        ];
        let machine = bench.launch_spec(&spec).await;
        serial_says(&machine, boot_sector::GREETING, 0).await;
        machine.shutdown().await;
    }
    let bench = Bench::new();
    let mut spec = bench.spec();
    spec.machine_type = Some("pc".to_owned());
    spec.disks = vec![Disk::overlay(bench.guest()).on(DiskBus::Sata); 3];
    let machine = bench.launch_spec(&spec).await;
    serial_says(&machine, boot_sector::GREETING, 0).await;
    machine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_grows_and_never_shrinks() {
    let bench = Bench::new();
    let mut spec = bench.spec();
    spec.disks[0].grown_to_mib = Some(64);
    let machine = bench.launch_spec(&spec).await;
    serial_says(&machine, boot_sector::GREETING, 0).await;
    let answer = machine.qmp().unwrap().raw(
        "query-named-block-nodes",
        json!({"flat": true}),
        Sensitivity::Open,
    );
    let answer = answer.await.unwrap();
    let nodes = answer.as_array().unwrap();
    let disk = nodes.iter().find(|node| node["node-name"] == "disk0");
    assert_eq!(disk.unwrap()["image"]["virtual-size"], 64 << 20);
    machine.shutdown().await;
    let mut larger = boot_sector::disk();
    larger.resize(65 << 20, 0);
    fs::write(bench.guest(), larger).unwrap();
    match Machine::launch(&spec, &bench.run_folder()).await {
        Err(LaunchError::Overlay { reason, .. }) => {
            assert_eq!(reason, "the disk has 65 MiB and cannot become 64 MiB small");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_serial_line_has_its_own_text_and_log() {
    let bench = Bench::new();
    // The guest writes to port 0x3F8, the first line; 0x2F8 is the second.
    let mut disk = boot_sector::disk();
    let port = disk.windows(3).position(|code| code == [0xBA, 0xF8, 0x03]);
    disk[port.unwrap() + 2] = 0x02;
    fs::write(bench.guest(), disk).unwrap();
    let mut spec = bench.spec();
    spec.serials = 2;
    let machine = bench.launch_spec(&spec).await;
    let second = &machine.serials()[1];
    let mut grown = second.watch();
    let said = async {
        while !second.text_from(0).contains(boot_sector::GREETING) {
            grown.changed().await.unwrap();
        }
    };
    timeout(LIMIT, said).await.unwrap();
    assert_eq!(machine.serial().text_from(0), "");
    machine.shutdown().await;
    let log = fs::read_to_string(bench.run_folder().join("serial1.log")).unwrap();
    assert!(log.contains(boot_sector::GREETING), "{log}");
    assert_eq!(
        bench.files(),
        [
            "firmware.log",
            "qemu.args",
            "qmp.log",
            "serial0.log",
            "serial1.log"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn network_cards_are_apart_and_a_port_leads_in() {
    let bench = Bench::new();
    let mut spec = bench.spec();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let host_port = free.local_addr().unwrap().port();
    drop(free);
    spec.nics = vec![
        Nic {
            forwards: vec![Forward {
                protocol: Protocol::Tcp,
                host: Ipv4Addr::LOCALHOST,
                host_port,
                guest_port: 22,
            }],
            ..Nic::default()
        },
        Nic {
            model: NicModel::E1000e,
            restricted: true,
            ..Nic::default()
        },
    ];
    let machine = bench.launch_spec(&spec).await;
    let network = monitor(&machine, "info network").await;
    for part in ["model=virtio-net-pci", "model=e1000e", "restrict=on"] {
        assert!(network.contains(part), "{part}: {network}");
    }
    // QEMU itself accepts the connection. That no guest answers does not matter.
    tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, host_port))
        .await
        .unwrap();
    machine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tpm_lives_as_long_as_its_machine() {
    let bench = Bench::new();
    let folder = bench.run_folder();
    let mut spec = bench.spec();
    spec.tpm = true;
    if !can_start(&spec) {
        return;
    }
    let machine = bench.launch_spec(&spec).await;
    serial_says(&machine, boot_sector::GREETING, 0).await;
    let first = bench.tpms(&folder);
    assert_eq!(first.len(), 1);
    let answer = machine
        .qmp()
        .unwrap()
        .raw("query-tpm", json!({}), Sensitivity::Open)
        .await;
    assert_eq!(answer.unwrap()[0]["model"], "tpm-crb");

    // A machine that is switched on again has the same chip, in a new process.
    let state = folder.join("tpm/tpm2-00.permall");
    let before = fs::read(&state).unwrap();
    let (machine, _events) = machine.relaunch().await.unwrap();
    assert!(!lives(first[0]));
    serial_says(&machine, boot_sector::GREETING, 0).await;
    let second = bench.tpms(&folder);
    assert_eq!(second.len(), 1);
    assert_eq!(fs::read(&state).unwrap().len(), before.len());
    machine.shutdown().await;
    assert!(!lives(second[0]));
    assert!(!folder.join("tpm").exists());

    let machine = bench.launch_spec(&spec).await;
    let third = bench.tpms(&folder);
    assert_eq!(third.len(), 1);
    drop(machine);
    assert!(!lives(third[0]));
    assert!(!folder.join("tpm").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_tpm_goes_on_with_its_machine() {
    let bench = Bench::new();
    let mut spec = bench.spec();
    spec.tpm = true;
    if !can_start(&spec) {
        return;
    }
    let launched = Machine::launch_with(&spec, &bench.run_folder(), SAVABLE).await;
    let (machine, _events) = launched.unwrap();
    serial_says(&machine, boot_sector::GREETING, 0).await;
    assert!(machine.cannot_be_saved().await.unwrap().is_none());
    let state = |folder: &Path| fs::read(folder.join("tpm/tpm2-00.permall")).unwrap();
    let kept = bench.root.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let saved = machine.save(&kept).await.expect("saved").saved;
    let before = state(&bench.run_folder());
    machine.shutdown().await;

    // Two at once, each with a chip of its own.
    let restore = |name: &str| {
        let folder = bench.root.path().join(name);
        let (spec, saved) = (spec.clone(), saved.clone());
        async move {
            let restored = Machine::restore(&spec, &folder, &saved, Offers::default()).await;
            (restored.unwrap().0, folder)
        }
    };
    let (left, right) = tokio::join!(restore("left"), restore("right"));
    for (machine, folder) in [left, right] {
        assert_eq!(state(&folder), before);
        assert_eq!(bench.tpms(&folder).len(), 1);
        type_text(&machine, "on").await;
        serial_says(&machine, "on", 0).await;
        machine.shutdown().await;
        assert_eq!(bench.tpms(&folder), [0; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_and_credentials_are_in_the_guests_memory_and_not_in_the_command_line() {
    let bench = Bench::new();
    let mut spec = bench.spec();
    spec.smbios = vec!["type=1,serial=QA-4711".to_owned()];
    spec.credentials = vec![
        Credential::new("passwd.hashed-password.root", "sesame, open").unwrap(),
        Credential::new("motd", "hello").unwrap(),
    ];
    let machine = bench.launch_spec(&spec).await;
    serial_says(&machine, boot_sector::GREETING, 0).await;
    let password = "c2VzYW1lLCBvcGVu";
    for part in [
        "QA-4711",
        &format!("io.systemd.credential.binary:passwd.hashed-password.root={password}"),
        "io.systemd.credential.binary:motd=aGVsbG8=",
    ] {
        assert!(
            is_in_memory(&bench, &machine, part.as_bytes()).await,
            "{part}"
        );
    }
    machine.shutdown().await;
    for name in bench.files() {
        let text = fs::read_to_string(bench.run_folder().join(&name)).unwrap();
        assert!(!text.contains(password), "{name}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn firmware_with_secure_boot_shows_itself() {
    let bench = Bench::new();
    let mut spec = MachineSpec::desktop(Arch::X86_64);
    spec.accel = vm::Accel::Tcg;
    spec.memory_mib = 256;
    spec.secure_boot = true;
    let machine = bench.launch_spec(&spec).await;
    let firmware = machine.facts().qemu().unwrap().firmware.clone().unwrap();
    let plain = MachineSpec {
        secure_boot: false,
        ..spec
    };
    drawn(&machine).await;
    machine.shutdown().await;
    let machine = bench.launch_spec(&plain).await;
    assert_ne!(machine.facts().qemu().unwrap().firmware, Some(firmware));
    machine.shutdown().await;
}

/// Reports a missing part of the host, which counts as no failure.
fn can_start(spec: &MachineSpec) -> bool {
    match spec.check_host() {
        Ok(()) => true,
        Err(error) => {
            eprintln!("skipped: {error}");
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn firmware_of_other_architectures_shows_itself_where_it_can() {
    for arch in [Arch::Aarch64, Arch::Riscv64, Arch::Loongarch64] {
        let mut spec = MachineSpec::desktop(arch);
        // LoongArch machines have no less.
        spec.memory_mib = 1024;
        let bench = Bench::new();
        spec.disks = vec![Disk::overlay(bench.guest())];
        if !can_start(&spec) {
            continue;
        }
        let machine = bench.launch_spec(&spec).await;
        match machine
            .facts()
            .qemu()
            .unwrap()
            .firmware
            .as_ref()
            .unwrap()
            .mapping
        {
            FirmwareMapping::Flash(_) => drawn(&machine).await,
            // Not every U-Boot draws. All of them write to the serial console, and read the first disk.
            FirmwareMapping::Kernel => {
                let from = serial_says(&machine, "U-Boot 20", 0).await;
                serial_says(&machine, "Type: Hard Disk", from).await;
            }
        }
        machine.shutdown().await;
    }
}

/// Architectures differ in what QEMU is asked for. It must know all of it.
#[tokio::test(flavor = "multi_thread")]
async fn other_architectures_take_every_kind_of_device() {
    for arch in [Arch::Aarch64, Arch::Riscv64] {
        let bench = Bench::new();
        let kernel = bench.root.path().join("kernel");
        fs::write(&kernel, [0; 4096]).unwrap();
        let cd = bench.root.path().join("seed.iso");
        fs::write(&cd, boot_sector::cd()).unwrap();
        let mut spec = MachineSpec::desktop(arch);
        spec.memory_mib = 256;
        spec.cpus = 9;
        spec.firmware = Firmware::Kernel(KernelBoot {
            kernel,
            initrd: None,
            append: String::new(),
        });
        spec.serials = MachineSpec::MOST_SERIALS;
        spec.tpm = true;
        spec.nics = vec![Nic::default(); 2];
        for bus in [
            DiskBus::Virtio,
            DiskBus::Nvme,
            DiskBus::Scsi,
            DiskBus::Usb,
            DiskBus::Sata,
        ] {
            spec.disks
                .extend([Disk::blank(1).on(bus), Disk::blank(1).on(bus)]);
        }
        spec.disks.extend([
            Disk::cdrom(&cd),
            Disk::cdrom(&cd).on(DiskBus::Sata),
            Disk::empty_drive(),
        ]);
        if !can_start(&spec) {
            continue;
        }
        let machine = bench.launch_spec(&spec).await;
        let ending = machine.shutdown().await;
        assert!(ending.status.unwrap().success(), "{arch}: {ending:?}");
    }
}
