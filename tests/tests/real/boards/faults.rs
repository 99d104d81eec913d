//! Tests runs on hardware whose line loses characters and whose keyboard is away after a restart.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use reports::Verdict;

use super::{Dressed, Rig, labgrid_board, project};

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

/// The steps after a start: commands whose output is long enough to lose characters on its way.
const STARTED: &str = "\
  # A line end would stop U-Boot.
  - serial: { regex: 'GNU/Linux|qa-console', within: 5m }
  - serial: { send: \"\\n\", until: 'login: ', every: 10s, within: 8m }
  - run: { command: seq 1 700, output: '\\A1\\n2\\n(?s:.*)\\n700\\n\\z' }
  - run: { command: seq 1 701, output: '\\A1\\n2\\n(?s:.*)\\n701\\n\\z' }
  - run: { command: seq 1 702, output: '\\A1\\n2\\n(?s:.*)\\n702\\n\\z' }
  - run: { command: seq 1 703, output: '\\A1\\n2\\n(?s:.*)\\n703\\n\\z' }
  - see: console-login
";

#[test]
fn a_line_that_loses_characters_and_a_keyboard_that_goes_away_do_not_change_the_verdict() {
    let Dressed { lab, rig, bench } = Dressed::start();
    let card = bench.path().join("card");
    let project = project(&labgrid_board("rig", "riscv64", &lab, &rig, &card), "")
        .with_env("QA_TEST_KVMD", qa_tests::fake_kvmd::PASSWORD);
    std::fs::create_dir_all(project.path().join("scenarios")).unwrap();
    let steps = format!(
        "image: console-riscv64\nmachine: rig\nsteps:\n{STARTED}  - reboot:\n{STARTED}  - type: \"root\\n\"\n  \
        - see: console-password\n  - shutdown:\n"
    );
    std::fs::write(project.path().join("scenarios/faults.yaml"), steps).unwrap();
    set(&rig, "serial-lose 900");
    set(&rig, "keyboard-away on");
    let outcome = project
        .run(&["scenarios/faults.yaml", "--cold"])
        .exits_with(0);
    assert_eq!(outcome.verdict("faults").0, Verdict::Passed);
    assert_eq!(lab.holder(), "");
}
