//! A guest of 127 bytes that does at once what a system takes minutes to: says it is ready, then obeys letters.

use qa_tests::boot_disk_with;
use reports::{CauseKind, Verdict};
use rustix::process::Signal;

use crate::host::Project;

/// Real-mode code for 0000:7c00. Says "ready" on the first serial port, then for each letter that comes
/// there: `r` resets through port 0xcf9, `o` powers off through the ACPI port of q35, `w` writes the boot
/// disk full, 32 KiB at a time.
const GUEST: &[u8] = &[
    0x31, 0xc0, 0x8e, 0xd8, 0x88, 0x16, 0x00, 0x7e, // ds = 0, keep the drive's number at 7e00
    0xbe, 0x77, 0x7c, 0xac, 0x84, 0xc0, 0x74,
    0x12, // next character of the message, at its end go to 7c22
    0x89, 0xc3, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x20, 0x74, 0xf8, // until the port can send
    0x89, 0xd8, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xe9, // send, and again
    0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xf8, // 7c22: until something has come
    0xba, 0xf8, 0x03, 0xec, 0x3c, 0x72, 0x74, 0x0a, // `r`?
    0x3c, 0x6f, 0x74, 0x0e, 0x3c, 0x77, 0x74, 0x14, 0xeb, 0xe6, // `o`? `w`? else again
    0xb0, 0x06, 0xba, 0xf9, 0x0c, 0xee, 0xeb, 0x07, // reset, then halt
    0xb8, 0x00, 0x20, 0xba, 0x04, 0x06, 0xef, // power off, then halt
    0xf4, 0xeb, 0xfd, // halt
    0x8a, 0x16, 0x00, 0x7e, 0xbe, 0x67, 0x7c, 0xb8, 0x00, 0x43, 0xcd,
    0x13, // write 64 sectors
    0x83, 0x06, 0x6f, 0x7c, 0x40, 0x73, 0xed, 0xff, 0x06, 0x71, 0x7c, 0xeb,
    0xe7, // 64 further, and again
    0x10, 0x00, 0x40, 0x00, 0x00, 0x80, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, // what to write where
    b'r', b'e', b'a', b'd', b'y', b'\r', b'\n', 0,
];

const PROJECT: &[u8] = b"\
scenarios: [scenarios]
images: { tiny: { path: tiny.img, machine: pc } }
machines: { pc: { preset: bios-x86_64, memory: 64M, cpus: 1, agent: false } }
";

/// A project with the guest and a scenario `s`, which waits for "ready" and then takes these steps.
pub(crate) fn project(steps: &str) -> Project {
    let mut disk = boot_disk_with(GUEST);
    disk.resize(64 << 20, 0);
    let scenario = format!("image: tiny\nsteps:\n  - serial: ready\n{steps}");
    Project::new(&[
        ("qa.yaml", PROJECT),
        ("tiny.img", &disk),
        ("scenarios/s.yaml", scenario.as_bytes()),
    ])
}

#[test]
fn a_reset_of_the_guest_that_no_step_asked_for_is_told() {
    let outcome = project("  - serial: { send: r, regex: never, within: 1h }\n")
        .run(&["s"])
        .exits_with(1);
    assert_eq!(
        outcome.verdict("s").1.unwrap().kind,
        CauseKind::UnexpectedReset
    );
}

#[test]
fn a_reset_by_the_button_starts_the_guest_again() {
    project("  - reboot: { by: reset }\n  - serial: ready\n")
        .run(&["s"])
        .exits_with(0);
}

#[test]
fn a_guest_that_powers_itself_off_is_told() {
    let outcome = project("  - serial: { send: o, regex: never, within: 1h }\n")
        .run(&["s"])
        .exits_with(1);
    assert_eq!(
        outcome.verdict("s").1.unwrap().kind,
        CauseKind::UnexpectedShutdown
    );
}

#[test]
fn a_guest_restarts_itself_as_often_as_the_steps_say() {
    // Soon one after the other, and the BIOS answers each with resets of its own.
    let again = "        - serial: { send: r, regex: ready }\n";
    let group = |resets: u32| {
        let steps = again.repeat(2);
        project(&format!(
            "  - group:\n      name: again\n      resets: {resets}\n      steps:\n{steps}"
        ))
    };
    let outcome = group(2).run(&["s"]).exits_with(0);
    assert!(outcome.file("junit.xml").contains("2 resets by the guest"));
    let outcome = group(3).run(&["s"]).exits_with(1);
    assert_eq!(outcome.verdict("s").1.unwrap().kind, CauseKind::Resets);
}

#[test]
fn a_guest_that_powers_itself_off_as_a_step_says_is_switched_on_again() {
    let steps = "  - serial: { send: o }\n    powers_off: true\n  - power: on\n  - serial: ready\n";
    project(steps).run(&["s"]).exits_with(0);
}

#[test]
fn power_cut_and_on_is_a_cold_start() {
    let outcome = project("  - power: cut\n  - power: on\n  - serial: ready\n")
        .run(&["s"])
        .exits_with(0);
    assert_eq!(outcome.machines().len(), 2);
}

#[test]
fn a_full_disk_of_the_host_is_an_error_and_no_failure() {
    let project = project("  - serial: { send: w, regex: never, within: 1h }\n");
    let full = project.path().join("full");
    std::fs::create_dir(&full).unwrap();
    // A small file system that only this call sees, without a right of the superuser's. The log goes on a while after
    // QEMU stops for want of room, which the kernel keeps back for nobody here; so what is asked is the status and the
    // cause, not every report.
    let mount = "mount -t tmpfs -o size=4m tmpfs full && \"$@\"; status=$?; cp -r full qa-results; exit $status";
    let call = project.start_through(
        "unshare",
        &[
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            mount,
            "sh",
        ],
        &["s", "--results", "full"],
    );
    let outcome = call.wait().exits_with(3);
    let (verdict, cause) = outcome.verdict("s");
    assert_eq!(
        (verdict, cause.unwrap().kind),
        (Verdict::Error, CauseKind::DiskFull)
    );
}

#[test]
fn ctrl_c_leaves_evidence_and_no_machine() {
    let project = project("  - serial: { regex: never, within: 1h }\n");
    let mut call = project.start(&["s"]);
    call.read_until("never");
    call.signal(Signal::INT);
    let outcome = call.wait().exits_with(130);
    assert_eq!(outcome.verdict("s").0, Verdict::Cancelled);
    assert_eq!(outcome.machines().len(), 1);
    assert!(outcome.file("report.html").contains("cancelled"));
}
