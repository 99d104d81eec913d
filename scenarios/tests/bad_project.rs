//! What is wrong with a project file.

mod golden;

use golden::assert_golden;
use scenarios::{Code, Project, Source};

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
    image_from_nowhere: InvalidValue, "images: { a: { title: A } }\n";
    image_from_two_places: InvalidValue, "images: { a: { recipe: a, path: b } }\n";
    image_of_no_format: InvalidValue, "images: { a: { path: b, format: qcow } }\n";
    image_on_an_unknown_machine: UnknownMachine, "images: { a: { recipe: a, machine: desktp } }\nmachines: { desktop: {} }\n";
    machine_of_an_unknown_preset: UnknownMachine, "machines: { a: { preset: uefi-x86 } }\n";
    machine_with_an_unknown_field: UnknownField, "machines: { a: { mem: 3G } }\n";
    memory_without_a_unit: WrongType, "machines: { a: { memory: 3072 } }\n";
    memory_of_nothing: WrongType, "machines: { a: { memory: 0M } }\n";
    memory_beyond_any_machine: WrongType, "machines: { a: { memory: 9999999999T } }\n";
    no_processors: WrongType, "machines: { a: { cpus: 0 } }\n";
    arm_with_a_bios: InvalidValue, "machines: { a: { arch: aarch64, firmware: bios } }\n";
    unknown_architecture: InvalidValue, "machines: { a: { arch: x86-64 } }\n";
    display_of_no_width: WrongType, "machines: { a: { display: { width: 0 } } }\n";
    disk_without_a_size: MissingField, "machines: { a: { disks: [{}] } }\n";
    qemu_arguments_as_text: WrongType, "machines: { a: { qemu_args: -snapshot } }\n";
    matrix_of_unknown_images: UnknownImage, "images: { gnome: { recipe: gnome } }\nmatrix: { night: { images: [gnme] } }\n";
    matrix_of_unknown_machines: UnknownMachine, "images: { a: { recipe: a } }\nmatrix: { night: { images: a, machines: [big] } }\n";
    matrix_with_an_unknown_field: UnknownField, "images: { a: { recipe: a } }\nmatrix: { night: { images: a, inclde: [] } }\n";
    matrix_entry_in_the_plural: UnknownField, "images: { a: { recipe: a } }\nmatrix: { night: { images: a, exclude: [{ images: a }] } }\n";
    matrix_entry_without_an_image: MissingField, "matrix: { night: { include: [{ machine: uefi-x86_64 }] } }\n";
    matrix_that_excludes_everything: InvalidValue, "images: { a: { recipe: a } }\nmatrix: { night: { images: a, exclude: [{}] } }\n";
    matrix_of_no_images: InvalidValue, "matrix: { night: { images: [] } }\n";
    matrix_excludes_unknown_names: UnknownImage, "images: { a: { recipe: a } }\nmatrix: { night: { images: a, exclude: [{ image: b, machine: uefi-x86 }] } }\n";
    matrix_names_that_are_no_folders: InvalidValue, "images: { 'a/b': { recipe: a } }\nmachines: { 'big one': {} }\nmatrix: { night: { images: a/b, machines: [big one] } }\n";
    image_on_a_machine_of_another_architecture: OtherArchitecture, "images: { a: { recipe: a, arch: aarch64, machine: uefi-x86_64 } }\n";
    matrix_without_images: MissingField, "matrix: { night: {} }\n";
    two_watches_of_one_name: DuplicateName, "watch:\n  - { name: kernel, serial: panic }\n  - { name: kernel, serial: Oops }\n";
    a_project_switches_nothing_off: UnknownField, "watch: [{ off: kernel }]\n";
}

#[test]
fn a_whole_project_is_read() {
    let text = "\
scenarios: tests
needles: [needles, more]
images:
  gnome: { recipe: gnome, machine: desktop, vars: { user: alice } }
  disk: { path: build/disk.raw, format: raw, title: Ours }
machines:
  desktop: { preset: uefi-x86_64, memory: 3G, cpus: 4, accel: tcg, network: user, agent: false }
  arm: { arch: aarch64, display: { width: 800, height: 600 }, disks: [{ size: 10G }], qemu_args: [-no-reboot] }
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
