//! Hosts that lack something: an error that names it and how to get it.

use qa_tests::{Fake, Outcome, Qa};
use reports::{Cause, CauseKind, Verdict};

use crate::{qa, steps};

#[track_caller]
fn launch_error(qa: Qa) -> (Outcome, Cause) {
    let outcome = qa.exit_code(3);
    let (verdict, cause) = outcome.verdict("s");
    let cause = cause.unwrap();
    assert_eq!(
        (verdict, &cause.kind),
        (Verdict::Error, &CauseKind::Launch),
        "{cause:?}"
    );
    (outcome, cause)
}

/// Nothing is started, and stderr says what to install.
#[track_caller]
fn refused(qa: Qa, sentences: &[&str]) -> Outcome {
    let results = qa.root().join("qa-results");
    let outcome = qa.exit_code(2);
    let said = outcome.stderr();
    for sentence in sentences {
        assert!(said.contains(sentence), "{said}");
    }
    // By the command of this distribution, which tests run on whatever it is.
    assert!(
        said.contains("\n  next: ") && (said.contains("install") || said.contains("qa doctor")),
        "{said}"
    );
    assert!(!results.exists(), "{said}");
    outcome
}

#[test]
fn no_qemu() {
    refused(
        steps("- note: x").without_program("qemu-system-x86_64"),
        &[
            "machine `pc` cannot start here: there is no `qemu-system-x86_64` in PATH; install the package \
            `qemu-system-x86`",
        ],
    )
    .shows("QEMU is not installed");
}

#[test]
fn no_qemu_of_one_architecture_among_several() {
    let project = "\
scenarios: [scenarios]
images: { disk: { path: disk.img } }
machines: { pc: { preset: bios-x86_64, accel: tcg, memory: 64M } }
";
    let qa = qa()
        .project(project)
        .scenario("s", "image: disk\nmachine: pc\nsteps:\n  - note: x\n");
    for (preset, program, package) in [
        ("uefi-aarch64", "qemu-system-aarch64", "qemu-system-arm"),
        ("uefi-riscv64", "qemu-system-riscv64", "qemu-system-misc"),
        (
            "uefi-loongarch64",
            "qemu-system-loongarch64",
            "qemu-system-misc",
        ),
    ] {
        let scenario = format!("image: disk\nmachine: {preset}\nsteps:\n  - note: x\n");
        refused(
            qa.beside().scenario("t", &scenario).args(["run", "s", "t"]),
            &[&format!(
                "machine `{preset}` cannot start here: there is no `{program}` in PATH; install the package `{package}`"
            )],
        );
    }
    qa.args(["run", "s"]).exit_code(0);
}

#[test]
fn no_qemu_img() {
    let (outcome, cause) = launch_error(steps("- note: x").without_program("qemu-img"));
    outcome.shows("`qemu-img` is not installed");
    assert!(
        cause.message.contains("there is no `qemu-img` in PATH"),
        "{cause:?}"
    );
}

#[test]
fn a_qemu_that_does_not_start() {
    let (outcome, cause) = launch_error(steps("- note: x").program(
        "qemu-system-x86_64",
        "echo 'error while loading libfoo.so' >&2; exit 127",
    ));
    outcome.shows("QEMU does not start: a broken installation");
    assert!(
        cause.message.contains("error while loading libfoo.so"),
        "{cause:?}"
    );
}

#[test]
fn a_qemu_that_is_too_old_to_start_a_device() {
    let (outcome, cause) =
        launch_error(steps("- note: x").machine(Fake::new().version("5.2.0").lacks("virtio-vga")));
    assert!(cause.message.contains("QEMU 5.2.0"), "{cause:?}");
    assert!(
        cause
            .message
            .contains("'virtio-vga' is not a valid device model name"),
        "{cause:?}"
    );
    assert!(cause.message.contains("newer QEMU"), "{cause:?}");
    assert!(
        outcome.file("s/qemu.args").contains("virtio-vga"),
        "the command line is kept as evidence"
    );
}

#[test]
fn a_qemu_that_ends_at_once_is_told_with_its_last_words() {
    use qa_tests::{act, on};
    let words = "qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory\n";
    let (outcome, cause) = launch_error(
        steps("- note: x").machine(Fake::new().on(on::start(), [act::exit(1, words)])),
    );
    outcome.shows("QEMU ends as it starts: no memory for the guest");
    assert!(
        cause.message.contains("Cannot allocate memory"),
        "{cause:?}"
    );
}

/// UEFI machines, on a host whose own firmware is masked: an empty descriptor of the user hides the system's of that
/// name.
fn uefi(arch: &str) -> Qa {
    let project = format!(
        "\
scenarios: [scenarios]
images: {{ disk: {{ path: disk.img, machine: modern }} }}
machines: {{ modern: {{ preset: uefi-{arch}, accel: tcg, memory: 64M }} }}
"
    );
    let mut qa = steps("- note: x")
        .project(&project)
        .also_qemu(arch)
        .home_file(".config/qemu/firmware/90-u-boot-riscv64.json", "");
    for folder in ["/etc/qemu/firmware", "/usr/share/qemu/firmware"] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().unwrap();
            qa = qa.home_file(&format!(".config/qemu/firmware/{name}"), "");
        }
    }
    qa
}

#[test]
fn no_firmware() {
    for (arch, package) in [
        ("x86_64", "ovmf"),
        ("aarch64", "qemu-efi-aarch64"),
        ("riscv64", "qemu-efi-riscv64"),
        ("loongarch64", "qemu-efi-loongarch64"),
    ] {
        refused(
            uefi(arch),
            &[
                &format!(
                    "machine `modern` cannot start here: no UEFI firmware without Secure Boot for {arch} machines"
                ),
                &format!("install the package `{package}`"),
            ],
        )
        .shows("the firmware is not installed");
    }
}

#[test]
fn riscv64_is_started_by_u_boot_where_qemu_takes_no_flash() {
    let qa = uefi("riscv64")
        .file("code.fd", "code")
        .file("vars.fd", "vars")
        .file("uboot.elf", "U-Boot");
    let root = qa.root();
    let edk2 = descriptor(&root)
        .replace("x86_64", "riscv64")
        .replace("pc-q35-*", "virt*");
    let u_boot = format!(
        r#"{{"interface-types": ["uefi"], "mapping": {{"device": "kernel", "filename": "{}/uboot.elf"}},
            "targets": [{{"architecture": "riscv64", "machines": ["virt*"]}}]}}"#,
        root.display()
    );
    let qa = qa
        .home_file(".config/qemu/firmware/60-test.json", edk2)
        .home_file(".config/qemu/firmware/90-u-boot-riscv64.json", u_boot);
    for (version, option, firmware) in [
        ("7.2.22", "-kernel", "uefi (uboot.elf)"),
        ("10.0.2", "pflash0=firmware", "uefi (code.fd)"),
    ] {
        let outcome = qa
            .beside()
            .args(["run", "s"])
            .machine(Fake::new().version(version))
            .exit_code(0);
        let args = outcome.file("s/qemu.args");
        for other in ["-kernel", "pflash0=firmware"] {
            assert_eq!(args.contains(other), other == option, "{version}: {args}");
        }
        let html = outcome.file("report.html");
        assert!(html.contains(firmware), "{version}");
    }
}

pub(crate) fn descriptor(folder: &std::path::Path) -> String {
    let folder = folder.display();
    format!(
        r#"{{"description": "for a test", "interface-types": ["uefi"],
            "mapping": {{"device": "flash",
                "executable": {{"filename": "{folder}/code.fd", "format": "raw"}},
                "nvram-template": {{"filename": "{folder}/vars.fd", "format": "raw"}}}},
            "targets": [{{"architecture": "x86_64", "machines": ["pc-q35-*"]}}], "features": [], "tags": []}}"#
    )
}

#[test]
fn firmware_whose_files_are_gone() {
    let qa = uefi("x86_64");
    let text = descriptor(&qa.root());
    refused(
        qa.home_file(".config/qemu/firmware/50-test.json", text),
        &["code.fd, which is not there; reinstall the package `ovmf`"],
    );
}

#[test]
fn firmware_that_is_there_is_used_with_variables_of_the_runs_own() {
    let qa = uefi("x86_64")
        .file("code.fd", "code")
        .file("vars.fd", "vars");
    let text = descriptor(&qa.root());
    let outcome = qa
        .home_file(".config/qemu/firmware/50-test.json", text)
        .exit_code(0);
    let args = outcome.file("s/qemu.args");
    assert!(
        args.contains("code.fd") && args.contains("pflash0=firmware,pflash1=variables"),
        "{args}"
    );
    assert!(
        !args.contains("project/vars.fd"),
        "only a copy is given to QEMU: {args}"
    );
}

#[test]
fn keys_that_this_qemu_does_not_know_are_refused_before_anything_starts() {
    let call = |version: &str| {
        steps("- group: { name: g, steps: [ { press: ctrl-F13 } ] }")
            .machine(Fake::new().version(version))
    };
    let outcome = call("7.2.22")
        .stderr_has("scenarios/s.yaml:3:")
        .stderr_has("does not know the key `f13`")
        .exit_code(2);
    assert_eq!(outcome.journal().pids(), [0_u32; 0]);
    call("8.0.0").exit_code(0);
}
