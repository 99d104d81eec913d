//! Machines of every kind that a project can describe: what QEMU is given, and what is left when they are gone.

use std::path::Path;

use qa_tests::{Entry, Qa};
use reports::{CauseKind, Verdict};
use rustix::process::{Pid, Signal, kill_process};

use crate::qa;

/// A scenario `s` on a machine `m` with these fields.
fn on(fields: &str) -> Qa {
    let project = format!(
        "\
scenarios: [scenarios]
images:
  disk: {{ path: disk.img, machine: m }}
  netboot: {{ kernel: linux, initrd: initrd.gz, cmdline: console=ttyS0 quiet, machine: m }}
machines:
  m: {{ preset: bios-x86_64, accel: tcg, memory: 64M, {fields} }}
"
    );
    qa().project(&project)
        .steps("s", "- note: x")
        .args(["run", "s"])
}

/// A program `swtpm` that notes its process id in the project, and stays.
fn with_tpm(qa: Qa) -> Qa {
    let noted = qa.root().join("tpm.pid");
    qa.program(
        "swtpm",
        &format!("echo $$ > '{}'\nexec /bin/sleep 1000", noted.display()),
    )
}

#[test]
fn every_device_that_is_described_is_there() {
    let qa = with_tpm(on(
        "cpus: 3, display: { device: bochs-display, width: 800, height: 600 }, input: usb, serial: 2, tpm: true, \
        rng: false, disk: { bus: nvme }, disks: [{ size: 1G, bus: scsi }, { size: 2G, bus: usb }, \
        { size: 3G, bus: sata }], network: [{ forward: ['tcp:2222:22', 'udp:0.0.0.0:5353:53'] }, \
        { model: e1000e, restrict: true }], smbios: ['type=1,serial=42']",
    ));
    let outcome = qa.exit_code(0);
    let args = outcome.file("s/qemu.args");
    for part in [
        "-smp 3 ",
        "bochs-display,xres=800,yres=600",
        "usb-kbd,bus=usb.0,id=keyboard,pcap=/proc/self/fd/",
        "usb-tablet,bus=usb.0",
        "chardev:serial1",
        "tpm-crb,tpmdev=tpm0",
        "nvme,serial=disk0,id=drive0,drive=disk0,bootindex=0",
        "scsi-hd,bus=scsi.0,id=drive1",
        "usb-storage,bus=usb.0,id=drive2",
        "ide-hd,bus=ide.0,id=drive3",
        "user,id=net0,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=udp:0.0.0.0:5353-:53",
        "virtio-net-pci,netdev=net0",
        "user,id=net1,restrict=on",
        "e1000e,netdev=net1",
        "-smbios type=1,serial=42",
    ] {
        assert!(args.contains(part), "{part}: {args}");
    }
    assert!(!args.contains("virtio-rng"), "{args}");
}

#[test]
fn a_tpm_ends_with_its_machine() {
    let qa = with_tpm(on("tpm: true"));
    let noted = qa.root().join("tpm.pid");
    let outcome = qa.exit_code(0);
    let pid = std::fs::read_to_string(noted).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists());
    let left: Vec<_> = outcome.files().into_iter().map(|(path, _)| path).collect();
    assert!(
        !left
            .iter()
            .any(|path| path.components().any(|part| part.as_os_str() == "tpm")),
        "{left:?}"
    );
}

#[test]
fn a_tpm_that_is_killed_or_stopped_is_an_error() {
    for (signal, fault) in [
        (Signal::KILL, "the machine's TPM (swtpm) is killed"),
        (Signal::STOP, "the machine's TPM (swtpm) is stopped"),
    ] {
        let qa = with_tpm(on("tpm: true"))
            .steps("s", "- type: x\n- serial: { regex: never, within: 2h }")
            .env("QA_PATIENCE", "2500");
        let noted = qa.root().join("tpm.pid");
        let proc = qa.root().join("../proc");
        let mut running = qa.start();
        running.reaches(|entry| *entry == Entry::Typed("x".into()));
        let pid = std::fs::read_to_string(noted).unwrap();
        let pid = pid.trim();
        // What the kernel says of it; the rest of `/proc` is the test's.
        std::os::unix::fs::symlink(format!("/proc/{pid}"), proc.join(pid)).unwrap();
        let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        running.exit_code(3).shows(fault);
    }
}

#[test]
fn without_swtpm_no_machine_with_a_tpm_starts() {
    on("tpm: true")
        .stderr_has("machine `m` cannot start here: there is no `swtpm` in PATH, which is needed to give machines a \
            TPM")
        .exit_code(2);
    on("tpm: false").exit_code(0);
}

#[test]
fn credentials_are_on_no_command_line_and_in_no_file() {
    let qa = on("credentials: { motd: 'hello, you', key: { env: LAB_KEY } }");
    let outcome = qa.env("LAB_KEY", "sesame").exit_code(0);
    let args = outcome.file("s/qemu.args");
    assert_eq!(
        args.matches("type=11,path=/proc/self/fd/").count(),
        2,
        "{args}"
    );
    for (path, content) in outcome.files() {
        let text = String::from_utf8_lossy(&content);
        // In base64, too.
        for secret in ["sesame", "c2VzYW1l"] {
            assert!(!text.contains(secret), "{}: {text}", path.display());
        }
    }
}

#[test]
fn a_credential_that_is_kept_nowhere_is_told_before_anything_starts() {
    let qa = on("credentials: { key: { env: LAB_KEY } }");
    qa.stderr_has("secret `key` has no value: environment variable `LAB_KEY`")
        .exit_code(2);
}

#[test]
fn a_cd_lies_beside_the_project_file() {
    let qa = on("cdrom: media/seed.iso").inside("scenarios");
    let mut iso = vec![0; 40 << 10];
    iso[0x8001..0x8006].copy_from_slice(b"CD001");
    let qa = qa.file("media/seed.iso", iso);
    let path = qa.root().join("media/seed.iso");
    let args = qa.exit_code(0).file("s/qemu.args");
    assert!(args.contains(&path.display().to_string()), "{args}");
    assert!(args.contains("ide-cd,bus=ide.0,id=drive1"), "{args}");
}

#[test]
fn a_cd_that_is_not_there_is_the_images_fault() {
    let outcome = on("cdrom: media/seed.iso").exit_code(3);
    let (verdict, cause) = outcome.verdict("s");
    let cause = cause.unwrap();
    assert_eq!((verdict, &cause.kind), (Verdict::Error, &CauseKind::Image));
    assert!(cause.message.contains("media/seed.iso"), "{cause:?}");
}

#[test]
fn a_disk_that_would_shrink_is_told() {
    let outcome = on("disk: { size: 1M }")
        .file("disk.img", {
            let mut disk = vec![0; 2 << 20];
            disk[510..512].copy_from_slice(b"\x55\xaa");
            disk
        })
        .exit_code(3);
    let (_, cause) = outcome.verdict("s");
    let message = cause.unwrap().message;
    assert!(
        message.contains("the disk has 2 MiB and cannot become 1 MiB small"),
        "{message}"
    );
}

#[test]
fn a_kernel_starts_without_firmware_and_without_a_disk() {
    let qa = on("disks: [{ size: 1G }]")
        .file("linux", "kernel")
        .file("initrd.gz", "initrd")
        .scenario("s", "image: netboot\nsteps:\n  - note: x\n");
    let root = qa.root();
    let outcome = qa.exit_code(0);
    let args = outcome.file("s/qemu.args");
    for part in [
        format!("-kernel {}/linux", root.display()),
        format!("-initrd {}/initrd.gz", root.display()),
        "-append 'console=ttyS0 quiet'".to_owned(),
    ] {
        assert!(args.contains(&part), "{part}: {args}");
    }
    // QEMU's boot ROM for the kernel has the first turn.
    assert!(
        args.contains("drive=disk0,bootindex=1") && !args.contains("drive=disk1"),
        "{args}"
    );
    assert!(outcome.file("report.html").contains("kernel (linux)"));
}

#[test]
fn a_kernel_that_surely_is_none_is_refused_before_anything_starts() {
    let disk = qa_tests::cd("X");
    let mut arm = vec![0; 4096];
    arm[56..60].copy_from_slice(b"ARM\x64");
    let page = b"<!DOCTYPE html><html>".to_vec();
    for (kernel, initrd, part) in [
        (
            &page,
            &b"initrd".to_vec(),
            "is no kernel: it is a page of the web",
        ),
        (&disk, &b"initrd".to_vec(), "is no kernel: it is a CD"),
        (
            &arm,
            &b"initrd".to_vec(),
            "for aarch64, and the machine is x86_64",
        ),
        (&b"kernel".to_vec(), &page, "is no initial RAM disk"),
        (&b"kernel".to_vec(), &Vec::new(), "is empty"),
    ] {
        let outcome = on("disks: [{ size: 1G }]")
            .file("linux", kernel)
            .file("initrd.gz", initrd)
            .scenario("s", "image: netboot\nsteps:\n  - note: x\n")
            .stderr_has(part)
            .stderr_has("`kernel:` and `initrd:` of image `netboot`")
            .exit_code(2);
        assert_eq!(outcome.journal().pids(), [0_u32; 0]);
    }
}

#[test]
fn a_kernel_that_is_not_there_is_the_images_fault() {
    let outcome = on("")
        .scenario("s", "image: netboot\nsteps:\n  - note: x\n")
        .exit_code(3);
    let (verdict, cause) = outcome.verdict("s");
    let cause = cause.unwrap();
    assert_eq!((verdict, &cause.kind), (Verdict::Error, &CauseKind::Image));
    assert!(cause.message.contains("linux to boot"), "{cause:?}");
    assert!(cause.hints[0].contains("`netboot`"), "{cause:?}");
}

#[test]
fn the_programs_of_a_machine_get_none_of_the_secrets_of_the_environment() {
    let qa = on("cpus: 1");
    let noted = qa.root().join("environment");
    let script = format!(
        "/usr/bin/env >>'{}'\nexec '{}' \"$@\"",
        noted.display(),
        env!("CARGO_BIN_EXE_fake-qemu")
    );
    // It holds the folder of the test.
    let _outcome = qa
        .program("qemu-system-x86_64", &script)
        .env("QA_TEST_PASSWORD", "correct-horse-battery")
        .exit_code(0);
    let environment = std::fs::read_to_string(noted).unwrap();
    assert!(environment.contains("PATH="), "{environment}");
    assert!(
        !environment.contains("correct-horse-battery"),
        "{environment}"
    );
}

#[test]
fn a_port_that_another_program_has_is_told_before_the_machine_starts() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let outcome = on(&format!("network: {{ forward: 'tcp:{port}:22' }}")).exit_code(3);
    outcome.shows("another program has the port of the host that a machine forwards");
    let (verdict, cause) = outcome.verdict("s");
    let cause = cause.unwrap();
    assert_eq!((verdict, &cause.kind), (Verdict::Error, &CauseKind::Launch));
    let own = std::process::id();
    assert!(
        cause
            .message
            .starts_with(&format!("port {port} (tcp) of 127.0.0.1 cannot be had: `"))
            && cause.message.ends_with(&format!("process {own}, has it")),
        "{cause:?}"
    );
    assert!(cause.hints[0].contains("forward another port"), "{cause:?}");
    assert_eq!(outcome.journal().pids(), [0_u32; 0]);
}

#[test]
fn machines_that_want_one_port_run_one_after_the_other() {
    // Nobody else's: it was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let outcome = on(&format!("network: {{ forward: 'tcp:{port}:22' }}"))
        .steps("t", "- note: x")
        .args(["t", "--jobs", "2"])
        .exit_code(0);
    outcome.shows("two machines of one run want one port of the host");
    let events = outcome.events().into_iter();
    let order: Vec<&str> = events
        .filter_map(|event| match event {
            reports::Event::ScenarioStarted { .. } => Some("begins"),
            reports::Event::ScenarioFinished { .. } => Some("ends"),
            _ => None,
        })
        .collect();
    assert_eq!(order, ["begins", "ends", "begins", "ends"]);
}

#[test]
fn two_forwards_of_one_port_are_refused() {
    let outcome =
        on("network: [{ forward: 'tcp:2222:22' }, { forward: 'tcp:2222:80' }]").exit_code(2);
    assert!(
        outcome
            .stderr()
            .contains("two forwards of the machine want port 2222 of the host"),
        "{}",
        outcome.stderr()
    );
    let outcome = on("network: { forward: 'tcp:70000:22' }").exit_code(2);
    assert!(
        outcome.stderr().contains("70000 is no port"),
        "{}",
        outcome.stderr()
    );
}
