//! What is wrong with a project file.

mod golden;

use golden::assert_golden;
use scenarios::{
    Code, CredentialValue, DiskBus, ImageSource, Input, Network, NicModel, Project, SecretSource,
    Source,
};

fn check(name: &str, code: Code, text: &str) {
    let (_, findings) = Project::read(&Source::new("qa.yaml", text));
    assert!(
        findings.iter().any(|finding| finding.code == code),
        "{code} was not found: {findings:?}"
    );
    assert_golden("project", name, &findings);
}

macro_rules! mistakes {
    ($($name:ident: $code:ident, $text:expr;)+) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name), Code::$code, $text);
            }
        )+
    };
}

mistakes! {
    empty_file: MissingField, "\n";
    a_list_instead_of_a_map: WrongType, "- images\n";
    unknown_field: UnknownField, "imagse: { a: { recipe: a } }\n";
    images_are_a_list: WrongType, "images: [a]\n";
    image_is_text: WrongType, "images: { a: disk.qcow2 }\n";
    results_without_a_limit: InvalidValue, "results: {}\n";
    results_are_not_none: WrongType, "results: { keep_runs: 0 }\n";
    results_of_a_size_without_unit: WrongType, "results: { max_size: 50 }\n";
    image_from_nowhere: InvalidValue, "images: { a: { title: A } }\n";
    image_from_two_places: InvalidValue, "images: { a: { recipe: a, path: b } }\n";
    image_of_no_format: InvalidValue, "images: { a: { path: b, format: qcow } }\n";
    image_on_an_unknown_machine: UnknownMachine, "images: { a: { recipe: a, machine: desktp } }\n\
        machines: { desktop: {} }\n";
    machine_of_an_unknown_preset: UnknownMachine, "machines: { a: { preset: uefi-x86 } }\n";
    machine_with_an_unknown_field: UnknownField, "machines: { a: { mem: 3G } }\n";
    memory_without_a_unit: WrongType, "machines: { a: { memory: 3072 } }\n";
    memory_of_nothing: WrongType, "machines: { a: { memory: 0M } }\n";
    memory_beyond_any_machine: WrongType, "machines: { a: { memory: 9999999999T } }\n";
    no_processors: WrongType, "machines: { a: { cpus: 0 } }\n";
    arm_with_a_bios: InvalidValue, "machines: { a: { arch: aarch64, firmware: bios } }\n";
    unknown_architecture: InvalidValue, "machines: { a: { arch: x86-64 } }\n";
    preset_of_arm_with_a_bios: InvalidValue, "machines: { a: { preset: uefi-aarch64, firmware: bios } }\n";
    display_device_that_is_none: InvalidValue, "machines: { a: { display: { device: virtio-gpu } } }\n";
    riscv_with_a_vga: InvalidValue, "machines: { a: { preset: uefi-riscv64, display: { device: VGA } } }\n";
    bios_with_secure_boot: InvalidValue, "machines: { a: { preset: bios-x86_64, secure_boot: true } }\n";
    riscv_with_secure_boot: InvalidValue, "machines: { a: { preset: uefi-riscv64, secure_boot: true } }\n";
    secure_boot_on_an_old_machine_type: InvalidValue, "machines: { a: { type: pc, secure_boot: true } }\n";
    disk_on_an_unknown_bus: InvalidValue, "machines: { a: { disk: { bus: ide } } }\n";
    image_disk_as_a_size: WrongType, "machines: { a: { disk: 20G } }\n";
    forwarded_port_without_a_protocol: InvalidValue, "machines: { a: { network: { forward: '2222:22' } } }\n";
    network_card_of_no_model: InvalidValue, "machines: { a: { network: [{ model: e100 }] } }\n";
    network_of_an_unknown_kind: InvalidValue, "machines: { a: { network: bridge } }\n";
    too_many_serial_lines: WrongType, "machines: { a: { serial: 5 } }\n";
    input_of_an_unknown_kind: InvalidValue, "machines: { a: { input: ps2 } }\n";
    credential_of_no_name: InvalidValue, "machines: { a: { credentials: { a/b: c } } }\n";
    credential_from_two_places: InvalidValue, "machines: { a: { credentials: { a: { env: A, file: b } } } }\n";
    tpm_as_a_version: WrongType, "machines: { a: { tpm: 2.0 } }\n";
    initrd_without_a_kernel: InvalidValue, "images: { a: { path: b, initrd: c } }\n";
    display_of_no_width: WrongType, "machines: { a: { display: { width: 0 } } }\n";
    disk_without_a_size: MissingField, "machines: { a: { disks: [{}] } }\n";
    qemu_arguments_as_text: WrongType, "machines: { a: { qemu_args: -snapshot } }\n";
    matrix_of_unknown_images: UnknownImage, "images: { gnome: { recipe: gnome } }\n\
        matrix: { night: { images: [gnme] } }\n";
    matrix_of_unknown_machines: UnknownMachine, "images: { a: { recipe: a } }\n\
        matrix: { night: { images: a, machines: [big] } }\n";
    matrix_with_an_unknown_field: UnknownField, "images: { a: { recipe: a } }\n\
        matrix: { night: { images: a, inclde: [] } }\n";
    matrix_entry_in_the_plural: UnknownField, "images: { a: { recipe: a } }\n\
        matrix: { night: { images: a, exclude: [{ images: a }] } }\n";
    matrix_entry_without_an_image: MissingField, "matrix: { night: { include: [{ machine: uefi-x86_64 }] } }\n";
    matrix_that_excludes_everything: InvalidValue, "images: { a: { recipe: a } }\n\
        matrix: { night: { images: a, exclude: [{}] } }\n";
    matrix_of_no_images: InvalidValue, "matrix: { night: { images: [] } }\n";
    matrix_excludes_unknown_names: UnknownImage, "images: { a: { recipe: a } }\n\
        matrix: { night: { images: a, exclude: [{ image: b, machine: uefi-x86 }] } }\n";
    matrix_names_that_are_no_folders: InvalidValue, "images: { 'a/b': { recipe: a } }\nmachines: { 'big one': {} }\n\
        matrix: { night: { images: a/b, machines: [big one] } }\n";
    image_on_a_machine_of_another_architecture: OtherArchitecture,
        "images: { a: { recipe: a, arch: aarch64, machine: uefi-x86_64 } }\n";
    matrix_without_images: MissingField, "matrix: { night: {} }\n";
    two_watches_of_one_name: DuplicateName, "watch:\n  - { name: kernel, serial: panic }\n  \
        - { name: kernel, serial: Oops }\n";
    a_project_switches_off_states_alone: UnknownWatch, "watch: [{ off: kernel }]\n";
    an_image_switches_off_states_alone: UnknownWatch,
        "images: { a: { path: x, watch: [{ off: kernel-panik }] } }\n";
    an_image_has_no_watches: UnknownField, "images: { a: { path: x, watch: [{ serial: panic }] } }\n";
}

#[test]
fn a_whole_project_is_read() {
    let text = "\
scenarios: tests
needles: [needles, more]
images:
  gnome: { recipe: gnome, machine: desktop, vars: { user: alice } }
  disk: { path: build/disk.raw, format: raw, title: Ours }
  netboot: { kernel: linux, initrd: initrd.gz, cmdline: quiet }
machines:
  desktop: { preset: uefi-x86_64, memory: 3G, cpus: 4, accel: tcg, network: user, agent: false }
  arm: { arch: aarch64, display: { width: 800, height: 600 }, disks: [{ size: 10G }], qemu_args: [-no-reboot] }
  lab:
    secure_boot: true
    tpm: true
    rng: false
    serial: 2
    input: usb
    disk: { bus: nvme, size: 20G }
    disks: [{ size: 1G, bus: scsi }, { size: 2G }]
    cdrom: seed.iso
    network: [{ forward: ['tcp:2222:22', 'udp:0.0.0.0:53:53'] }, { model: e1000e, restrict: true }]
    smbios: ['type=1,serial=42']
    credentials: { motd: hello, key: { env: KEY } }
vars: { apps: [calc, editor], lang: en }
secrets: { token: { env: TOKEN } }
watch: [{ run: 'systemctl is-system-running', every: 10s, exit: any, user: root }, { reboots: any }]
matrix:
  night:
    images: [gnome, disk]
    machines: [desktop, uefi-aarch64]
    scenarios: boot
    vars: { lang: de }
    include: [{ image: gnome, machine: [arm], vars: { lang: fr } }]
    exclude: [{ image: gnome, machine: uefi-aarch64 }, { scenario: boot, image: [disk] }]
";
    let (project, findings) = Project::read(&Source::new("qa.yaml", text));
    assert_eq!(findings, []);
    let project = project.expect("a project");
    assert_eq!(project.scenarios[0].value, "tests");
    assert_eq!(project.needles.len(), 2);
    let desktop = project.machine("desktop").expect("a machine");
    assert_eq!(
        (desktop.memory_mib, desktop.cpus, desktop.agent),
        (3072, 4, false)
    );
    let arm = project.machine("arm").expect("a machine");
    assert_eq!((arm.display.width, arm.disks[0].size_mib), (800, 10 * 1024));
    let lab = project.machine("lab").expect("a machine");
    assert!(lab.secure_boot && lab.tpm && !lab.rng);
    assert_eq!((lab.serial, lab.input), (2, Some(Input::Usb)));
    assert_eq!(lab.disk.bus, Some(DiskBus::Nvme));
    assert_eq!(lab.disk.size_mib, Some(20 * 1024));
    let buses: Vec<_> = lab.disks.iter().map(|disk| disk.bus).collect();
    assert_eq!(buses, [Some(DiskBus::Scsi), None]);
    assert_eq!(lab.cdrom.expect("a CD").value, "seed.iso");
    let Network::Cards(cards) = lab.network else {
        panic!("{:?}", lab.network)
    };
    assert_eq!(cards[0].forward[1].host_port, 53);
    assert_eq!(
        (cards[0].model, cards[0].restrict),
        (NicModel::Virtio, false)
    );
    assert_eq!(
        (cards[1].model, cards[1].restrict),
        (NicModel::E1000e, true)
    );
    assert_eq!(lab.smbios, ["type=1,serial=42"]);
    let credentials: Vec<_> = lab
        .credentials
        .into_iter()
        .map(|own| (own.name, own.value))
        .collect();
    assert_eq!(
        credentials,
        [
            ("motd".to_owned(), CredentialValue::Text("hello".to_owned())),
            (
                "key".to_owned(),
                CredentialValue::Secret(SecretSource::Env("KEY".to_owned()))
            ),
        ]
    );
    let netboot = &project.images["netboot"];
    assert_eq!(netboot.source, ImageSource::KernelOnly);
    let boot = netboot.boot.as_ref().expect("a kernel");
    assert_eq!(
        (
            boot.kernel.as_str(),
            boot.initrd.as_deref(),
            boot.cmdline.as_str()
        ),
        ("linux", Some("initrd.gz"), "quiet")
    );
    assert_eq!(
        project
            .machine("bios-x86_64")
            .expect("a preset")
            .firmware
            .name(),
        "bios"
    );
    assert_eq!(project.watch[1].name, "reboots any");
    let night = project.matrix("night").expect("a matrix");
    assert_eq!(night.every.scenarios[0].value, "boot");
    assert_eq!(
        (night.include[0].machines.len(), night.exclude.len()),
        (1, 2)
    );
    assert!(night.include[0].scenarios.is_empty() && night.include[0].vars.contains_key("lang"));
}
