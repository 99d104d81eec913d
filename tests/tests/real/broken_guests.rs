//! Guests that are broken in ways that a system's test meets: each comes to `failed`, soon, with bounded evidence.

use std::{fs, path::Path};

use qa_tests::boot_disk_with;
use reports::{CauseKind, Verdict};

use crate::host::{Outcome, Project};

/// Real-mode code for 0000:7c00. Says "ready" on the first serial port, then breaks in the way that one letter says:
/// `h` halts the processor with interrupts off, `t` makes a triple fault, `c` changes two characters of the screen
/// without end (and `b` and `m`, which no test asks for: a black picture, and a change of mode without end).
const GUEST: &[u8] = &[
    0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, // ds = ss = 0, sp = 7c00
    0xb8, 0x00, 0xb8, 0x8e, 0xc0, // es = b800, the text on the screen
    0xbe, 0x79, 0x7c, // the message
    0xac, 0x84, 0xc0, 0x74, 0x12, // 7c11: next character, at its end go to 7c28
    0x88, 0xc3, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x20, 0x74, 0xfb, // until the port can send
    0x88, 0xd8, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xe9, // send, and again
    0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xfb, // 7c28: until something has come
    0xba, 0xf8, 0x03, 0xec, 0x3c, 0x68, 0x74, 0x12, 0x3c, 0x74, 0x74, 0x12, // `h`? `t`?
    0x3c, 0x62, 0x74, 0x14, 0x3c, 0x63, 0x74, 0x17, 0x3c, 0x6d, 0x74, 0x1f, // `b`? `c`? `m`?
    0xeb, 0xde, // else again
    0xfa, 0xf4, 0xeb, 0xfc, // 7c4a: interrupts off, halt
    0x0f, 0x01, 0x1e, 0x73, 0x7c, 0xcc, // 7c4e: a table of no interrupts, and an interrupt
    0xb8, 0x13, 0x00, 0xcd, 0x10, 0xeb, 0xef, // 7c54: mode 13h, halt
    0x26, 0xff, 0x06, 0x00, 0x00, 0x26, 0xff, 0x06, 0x02, 0x00, 0xeb,
    0xf4, // 7c5b: count on the screen
    0xb8, 0x13, 0x00, 0xcd, 0x10, 0xb8, 0x03, 0x00, 0xcd, 0x10, 0xeb,
    0xf4, // 7c67: modes 13h and 3
    0, 0, 0, 0, 0, 0, // 7c73: the table of no interrupts
    b'r', b'e', b'a', b'd', b'y', b'\r', b'\n', 0,
];

const PROJECT: &[u8] = b"\
scenarios: [scenarios]
images: { tiny: { path: tiny.img, machine: pc } }
machines: { pc: { preset: bios-x86_64, accel: tcg, memory: 64M, cpus: 1, agent: false } }
";

/// The guest breaks in this way, and then this step does not hold. The deadline is multiplied by 8, as
/// the processor is emulated.
#[track_caller]
fn breaks(letter: char, step: &str, kind: &CauseKind) -> Outcome {
    let scenario = format!(
        "image: tiny\nsteps:\n  - serial: ready\n  - serial: {{ send: {letter} }}\n  - {step}\n"
    );
    let mut disk = boot_disk_with(GUEST);
    disk.resize(1 << 20, 0); // SeaBIOS starts from no disk of less than a cylinder.
    let project = Project::new(&[
        ("qa.yaml", PROJECT),
        ("tiny.img", &disk),
        ("scenarios/s.yaml", scenario.as_bytes()),
    ]);
    let outcome = project.run(&["s"]).exits_with(1);
    let (verdict, cause) = outcome.verdict("s");
    let cause = cause.unwrap();
    assert_eq!((verdict, &cause.kind), (Verdict::Failed, kind), "{cause:?}");
    // Whatever a guest shows or says, a run of some seconds leaves no more than this.
    let bytes = size(&outcome.folder);
    assert!(bytes < 8 << 20, "{bytes} bytes of evidence");
    outcome
}

/// The bytes of the files below a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|entry| {
            let facts = entry.metadata().unwrap();
            if facts.is_dir() {
                size(&entry.path())
            } else {
                facts.len()
            }
        })
        .sum()
}

#[test]
fn a_triple_fault_is_a_reset_that_no_step_asked_for() {
    let never = "serial: { regex: never, within: 1h }";
    let outcome = breaks('t', never, &CauseKind::UnexpectedReset);
    outcome.shows("the guest has a triple fault");
}

#[test]
fn a_halted_processor_ends_a_wait_long_before_its_deadline() {
    let never = "serial: { regex: never, within: 1h }";
    let outcome = breaks('h', never, &CauseKind::Deadline);
    let message = outcome.verdict("s").1.unwrap().message;
    assert!(
        message.contains("have halted with interrupts off"),
        "{message}"
    );
}

#[test]
fn a_screen_that_changes_without_end_is_not_still() {
    let still = "still: { for: 300ms, within: 500ms }";
    breaks('c', still, &CauseKind::Deadline);
}
