//! Hosts that lack something: an error that names it and how to get it.

use qa_tests::{Fake, Outcome, Qa};
use reports::{Cause, CauseKind, Verdict};

use crate::steps;

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

#[test]
fn no_qemu() {
    let (_, cause) = launch_error(steps("- note: x").without_program("qemu-system-x86_64"));
    assert!(
        cause
            .message
            .contains("there is no `qemu-system-x86_64` in PATH"),
        "{cause:?}"
    );
    assert!(cause.message.contains("qemu-system-x86"), "{cause:?}");
    assert!(cause.hints[0].contains("qa doctor"), "{cause:?}");
}

#[test]
fn no_qemu_img() {
    let (_, cause) = launch_error(steps("- note: x").without_program("qemu-img"));
    assert!(
        cause.message.contains("there is no `qemu-img` in PATH"),
        "{cause:?}"
    );
}

#[test]
fn a_qemu_that_does_not_start() {
    let (_, cause) = launch_error(steps("- note: x").program(
        "qemu-system-x86_64",
        "echo 'error while loading libfoo.so' >&2; exit 127",
    ));
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
    let (_, cause) = launch_error(
        steps("- note: x").machine(Fake::new().on(on::start(), [act::exit(1, words)])),
    );
    assert!(
        cause.message.contains("Cannot allocate memory"),
        "{cause:?}"
    );
}

/// UEFI machines, on a host whose own firmware is masked: an empty descriptor of the user hides the system's of that name.
fn uefi(firmware: &[(&str, &str)]) -> Qa {
    let project = "\
scenarios: [scenarios]
images: { disk: { path: disk.img, machine: modern } }
machines: { modern: { preset: uefi-x86_64, accel: tcg, memory: 64M } }
";
    let mut qa = steps("- note: x").project(project);
    for folder in ["/etc/qemu/firmware", "/usr/share/qemu/firmware"] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().unwrap();
            qa = qa.home_file(&format!(".config/qemu/firmware/{name}"), "");
        }
    }
    for (name, content) in firmware {
        qa = qa.home_file(&format!(".config/qemu/firmware/{name}"), content);
    }
    qa
}

#[test]
fn no_firmware() {
    let (_, cause) = launch_error(uefi(&[]));
    assert!(cause.message.contains("no UEFI firmware"), "{cause:?}");
    assert!(cause.message.contains("`ovmf`"), "{cause:?}");
}

fn descriptor(folder: &std::path::Path) -> String {
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
    let qa = uefi(&[]);
    let text = descriptor(&qa.root());
    let (_, cause) = launch_error(qa.home_file(".config/qemu/firmware/50-test.json", text));
    assert!(
        cause.message.contains("code.fd, which is not there"),
        "{cause:?}"
    );
}

#[test]
fn firmware_that_is_there_is_used_with_variables_of_the_runs_own() {
    let qa = uefi(&[]).file("code.fd", "code").file("vars.fd", "vars");
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
