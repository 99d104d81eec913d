//! What hardware does to a run: its line loses characters, its keyboard is gone after a restart.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use reports::Verdict;

use super::{Lab, Rig, labgrid_board, project};
use crate::host::{require, require_image};

/// Sets a fault of the rig.
fn set(rig: &Rig, fault: &str) {
    let port = u16::try_from(rig.port("relay")).unwrap();
    let mut relay = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = fault.len();
    write!(
        relay,
        "PUT /fault HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{fault}"
    )
    .unwrap();
    let mut answer = String::new();
    relay.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{fault}: {answer}");
}

/// Commands whose output is long enough to lose characters on its way, before and after a restart.
const STEPS: &str = "\
image: console-riscv64
machine: rig
steps:
  # A line end would stop U-Boot.
  - serial: { regex: 'GNU/Linux|qa-console', within: 5m }
  - serial: { send: \"\\n\", until: 'login: ', every: 10s, within: 8m }
  - run: { command: seq 1 700, output: '\\A1\\n2\\n(?s:.*)\\n700\\n\\z' }
  - run: { command: seq 1 700, output: '\\A1\\n2\\n(?s:.*)\\n700\\n\\z' }
  - run: { command: seq 1 700, output: '\\A1\\n2\\n(?s:.*)\\n700\\n\\z' }
  - run: { command: seq 1 700, output: '\\A1\\n2\\n(?s:.*)\\n700\\n\\z' }
  - see: console-login
  - reboot:
  # A line end would stop U-Boot.
  - serial: { regex: 'GNU/Linux|qa-console', within: 5m }
  - serial: { send: \"\\n\", until: 'login: ', every: 10s, within: 8m }
  - run: { command: seq 1 700, output: '\\A1\\n2\\n(?s:.*)\\n700\\n\\z' }
  - run: { command: seq 1 700, output: '\\A1\\n2\\n(?s:.*)\\n700\\n\\z' }
  - run: { command: seq 1 700, output: '\\A1\\n2\\n(?s:.*)\\n700\\n\\z' }
  - run: { command: seq 1 700, output: '\\A1\\n2\\n(?s:.*)\\n700\\n\\z' }
  - see: console-login
  - type: \"root\\n\"
  - see: console-password
  - shutdown:
";

#[test]
fn a_line_that_loses_characters_and_a_keyboard_that_goes_away_do_not_change_the_verdict() {
    require("qemu-system-riscv64");
    require_image("console-riscv64");
    let bench = tempfile::tempdir().unwrap();
    let rig = Rig::start(bench.path(), "riscv64", &[]);
    let lab = Lab::start(bench.path(), &rig);
    let card = bench.path().join("card");
    let project = project(&labgrid_board("rig", "riscv64", &lab, &rig, &card), "")
        .with_env("QA_TEST_KVMD", qa_tests::fake_kvmd::PASSWORD);
    std::fs::create_dir_all(project.path().join("scenarios")).unwrap();
    std::fs::write(project.path().join("scenarios/faults.yaml"), STEPS).unwrap();
    set(&rig, "serial-lose 900");
    set(&rig, "keyboard-away on");
    let outcome = project
        .run(&["scenarios/faults.yaml", "--cold"])
        .exits_with(0);
    assert_eq!(outcome.verdict("faults").0, Verdict::Passed);
    assert_eq!(lab.holder(), "");
}
