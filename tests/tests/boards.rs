//! Boards: a machine that is switched by commands, seen by a command and spoken to over a serial line.
//!
//! The board of these tests is a shell script. It starts when the file `on` is there, says what firmware says, asks for
//! a user, and then is a shell.

mod check;
mod ending;
mod files;
mod kvmd;
mod labgrid;
mod power;
mod secrets;
mod serial;

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use qa_tests::{Badge, Outcome, Qa};
use reports::{CauseKind, Verdict};
use rustix::process::Signal;

use crate::qa;

/// The board: its serial line is the input and output of this script.
const BOARD: &str = r#"#!/bin/sh
cd "$(dirname "$0")" || exit 1
echo $$ > board.pid
while :; do
    while [ ! -e on ]; do sleep 0.01; done
    printf 'U-Boot SPL 2023.01\r\nOpenSBI v1.2\r\nU-Boot 2023.01\r\nLinux version 6.1\r\n'
    sleep 0.2
    printf '\r\nlogin: '
    read -r user || exit 0
    script -qfec 'echo $$ > shell.pid; exec sh' /dev/null
    [ -e on ] && printf '\r\n[    9.000000] reboot: Restarting system\r\n\r\n'
    [ -e on ] || printf '\r\n[    9.000000] reboot: Power down\r\n'
done
"#;

/// The guest's programs.
const REBOOT: &str = "kill -KILL $(cat shell.pid)\n";
const POWEROFF: &str = "rm on\nkill -KILL $(cat shell.pid)\n";

/// The project of a board with all parts that commands can give, and these lines more under `board:`.
fn project(more: &str) -> String {
    format!(
        "\
scenarios: [scenarios]
needles: [needles]
images:
  disk: {{ path: disk.img, machine: mars }}
machines:
  mars:
    arch: riscv64
    login: {{ user: root }}
    board:
      commands:
        on: touch on
        off: rm -f on; [ ! -e shell.pid ] || kill -KILL $(cat shell.pid) || true
        status: test -e on
        write: cp \"$QA_IMAGE\" card
        serial: exec sh board.sh
        picture: cat needles/here.png
      power: commands
      storage: commands
      serial: commands
      screen: commands
{more}"
    )
}

/// A scenario `s` with these steps on the board.
fn on_board(more: &str, steps: &str) -> Qa {
    let here = Badge::of("here");
    with_programs(qa())
        .project(&project(more))
        .needle(&here)
        .file("board.sh", BOARD)
        .program("reboot", REBOOT)
        .program("poweroff", POWEROFF)
        .steps("s", steps)
}

/// Adds the programs of this host: the board is made of them.
fn with_programs(qa: Qa) -> Qa {
    let own = qa.root().parent().map(|place| place.join("bin"));
    let path = format!("{}:/usr/bin:/bin", own.unwrap_or_default().display());
    qa.env("PATH", &path)
}

/// The call `qa run s` of [`on_board`].
fn run_on_board(more: &str, steps: &str) -> Qa {
    on_board(more, steps).args(["run", "s"])
}

/// A scenario `s` with these steps on a board of these lines under `board:`, and the call `qa run s` of it.
fn run_on(board: &str, steps: &str) -> Qa {
    let board: String = board
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect();
    let project = format!(
        "scenarios: [scenarios]\nneedles: [needles]\nimages:\n  disk: {{ path: disk.img, machine: mars }}\n\
        machines:\n  mars:\n    arch: riscv64\n    login: {{ user: root }}\n    board:\n{board}"
    );
    let qa = with_programs(qa()).project(&project).steps("s", steps);
    qa.needle(&Badge::of("here")).args(["run", "s"])
}

/// The power and the storage of a board that is only a file.
const SWITCH: &str = "\
commands: { on: touch on, off: rm -f on, write: 'true' }
power: commands
storage: commands
";

/// Returns the message and the hints of a cause, which must be of this kind.
fn told(outcome: &Outcome, kind: CauseKind) -> String {
    let cause = outcome.cause_of("s", kind);
    format!("{}; {}", cause.message, cause.hints.join("; "))
}

/// Checks that each part is in a text.
#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

/// Waits until this holds. What another process does to files tells nobody.
fn awaits(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_scenario_runs_on_a_board_as_on_a_virtual_machine() {
    let outcome = run_on_board(
        "",
        "\
- serial: 'login: '
- see: here
- run: { command: echo $((6 * 7)), output: '^42$' }
- reboot:
- serial: 'login: '
- run: 'true'
- shutdown:
- power: on
- serial: 'login: '
",
    )
    .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
    let log = outcome.file("s/board.log");
    for part in ["power off: done", "write the image: done", "power on: done"] {
        assert!(log.contains(part), "{part}: {log}");
    }
    let junit = outcome.file("junit.xml");
    assert!(junit.contains("a board (power commands"), "{junit}");
    let card = std::fs::read(outcome.run_folder().join("../../card"));
    assert!(!card.expect("the card").is_empty());
}

#[test]
fn a_board_that_lacks_what_a_step_needs_skips_the_scenario_and_says_how_to_add_it() {
    let outcome = run_on_board("", "- click: here\n").exit_code(0);
    let (verdict, cause) = outcome.verdict("s");
    assert_eq!(verdict, Verdict::Skipped);
    let message = cause.expect("a cause").message;
    for part in ["click here", "no pointer", "give it an `input:`", "`mars`"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let log = outcome.run_folder().join("s/board.log");
    assert!(!log.exists(), "nothing was switched on");
    let outcome = run_on_board("", "- run: { command: id, over: agent }\n").exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Skipped);
}

#[test]
fn a_restart_that_no_step_asked_for_is_a_failure_of_the_system() {
    let steps = "- serial: 'login: '\n- run: '(sleep 0.1; reboot) >/dev/null 2>&1 &'\n\
        - serial: { regex: never, within: 30s }\n";
    let outcome = run_on_board("", steps).exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::UnexpectedReset);
    assert!(cause.message.contains("U-Boot SPL 2023.01"), "{cause:?}");
    // The prompt may come before the step has ended: `run` finds it all the same.
    let steps = "- serial: 'login: '\n- run: { command: '(sleep 1; reboot) >/dev/null 2>&1 &', resets: 1 }\n\
        - run: 'true'\n";
    run_on_board("", steps).exit_code(0);
}

#[test]
fn what_a_guest_said_on_its_way_down_is_no_text_of_its_new_boot() {
    let restarted = "- serial: 'login: '\n- reboot:\n";
    let old = format!("{restarted}- serial: {{ regex: 'reboot', within: 1s }}\n");
    let cause = run_on_board("", &old).exit_code(1).cause("s");
    assert_eq!(cause.kind, CauseKind::Deadline, "{cause:?}");
    let new = format!("{restarted}- serial: 'U-Boot SPL'\n- serial: 'login: '\n");
    run_on_board("", &new).exit_code(0);
}

#[test]
fn a_guest_that_refuses_to_restart_is_a_failure_with_its_words() {
    let outcome = run_on_board("", "- serial: 'login: '\n- reboot:\n")
        .program("reboot", "echo you must be root; exit 4\n")
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Command);
    assert_eq!(cause.message, "`reboot` ended with status 4");
    let command = outcome.last_evidence().command.expect("its output");
    assert_eq!(command.stdout.trim(), "you must be root");
    // It says that it does, and does not.
    let outcome = run_on_board("", "- serial: 'login: '\n- reboot: { within: 4s }\n")
        .program("reboot", "true\n")
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Deadline);
    assert!(
        cause
            .message
            .starts_with("the guest did not restart within"),
        "{cause:?}"
    );
}

#[test]
fn a_command_that_takes_the_guest_away_needs_no_answer() {
    let steps = "- serial: 'login: '\n- run: { command: reboot, resets: 1 }\n- run: 'true'\n\
        - run: { command: poweroff, powers_off: true }\n";
    run_on_board("", steps).exit_code(0);
}

#[test]
fn what_its_sources_cannot_do_is_an_error_and_not_a_failure_of_the_system() {
    let broken = |line: &str, with: &str| {
        let project = project("");
        assert!(project.contains(line), "{line}");
        let qa =
            run_on_board("", "- serial: 'login: '\n").project(&project.replacen(line, with, 1));
        let outcome = qa.exit_code(3);
        let cause = outcome.cause("s");
        assert_eq!(cause.kind, CauseKind::Launch, "{cause:?}");
        cause.message
    };
    let message = broken("on: touch on", "on: 'echo the fuse is blown >&2; exit 7'");
    assert!(message.contains("the fuse is blown"), "{message}");
    let message = broken(
        "write: cp \"$QA_IMAGE\" card",
        "write: 'echo the card is too small >&2; exit 1'",
    );
    assert!(message.contains("the card is too small"), "{message}");
    // A relay that says that it is done, and does nothing.
    let message = broken("on: touch on", "on: 'true'\n        limit: 500ms");
    assert!(message.contains("still says `off`"), "{message}");
    let message = broken("serial: exec sh board.sh", "serial: no-such-program");
    assert!(message.contains("no-such-program"), "{message}");
}

#[test]
fn two_runs_that_want_one_board_have_it_one_after_the_other() {
    let steps = "- serial: 'login: '\n- run: touch there; while [ ! -e go ]; do sleep 0.05; done\n";
    let first = run_on_board("", steps);
    let second = with_programs(first.beside()).args(["run", "s"]);
    let root = first.root();
    let first = first.start();
    awaits("the first run has the board", || {
        root.join("there").exists()
    });
    let second = second.start();
    let waits = || {
        let runs = std::fs::read_dir(root.join("qa-results")).expect("results");
        let logs = runs
            .filter_map(|run| std::fs::read_to_string(run.ok()?.path().join("events.jsonl")).ok());
        logs.into_iter()
            .any(|log| log.contains("waits for the board: the run "))
    };
    awaits("the second run waits", waits);
    std::fs::write(root.join("go"), "").expect("a file");
    first.exit_code(0);
    second.exit_code(0);
}

#[test]
fn a_run_that_is_killed_holds_no_board_and_leaves_no_program() {
    let steps = "- serial: 'login: '\n- run: touch there; read never\n";
    let first = run_on_board("", steps).abandons_files();
    let second = first.beside();
    let root = first.root();
    let first = first.start();
    awaits("the run has the board", || root.join("there").exists());
    first.signal(Signal::KILL);
    first.ended_by(Signal::KILL);
    let list = second.args(["board", "list"]).any_stdout().exit_code(0);
    assert!(list.stdout().contains("  free  "), "{}", list.stdout());
    // Neither the command of the serial line nor what it has started: the guest's shell has a session of its own.
    awaits("no program of the board is left", || !works_below(&root));
}

/// Returns true if a process works in a folder or below it.
fn works_below(folder: &Path) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap();
    processes.flatten().any(|process| {
        let place = std::fs::read_link(process.path().join("cwd"));
        place.is_ok_and(|place| place.starts_with(folder))
    })
}

#[test]
fn a_sick_board_costs_its_own_cells_and_not_the_night() {
    let matrix = "      health: { scenario: health, image: disk }
matrix:
  night:
    include:
      - { image: disk, machine: mars, scenario: [s, t] }
      - { image: disk, machine: pc, scenario: u }
";
    let project = project(matrix).replacen(
        "machines:\n",
        "machines:\n  pc: { preset: bios-x86_64, accel: tcg, memory: 64M }\n",
        1,
    );
    let project = project.replacen("machine: mars }", "}", 1);
    let night = |health: &str| {
        on_board("", "- serial: 'login: '\n")
            .project(&project)
            .steps("t", "- serial: 'login: '\n")
            .steps("u", "- note: x\n")
            .steps("health", health)
            .args(["run", "--matrix", "night"])
    };
    let sick = night("- serial: { regex: never, within: 300ms }\n");
    let outcome = sick.exit_code(1);
    assert_eq!(outcome.verdict("health-of-mars").0, Verdict::Failed);
    for cell in ["s@disk+mars", "t@disk+mars"] {
        let (verdict, cause) = outcome.verdict(cell);
        assert_eq!(verdict, Verdict::Skipped, "{cell}");
        let message = cause.expect("a cause").message;
        assert!(message.contains("`mars` is sick"), "{message}");
    }
    assert_eq!(outcome.verdict("u@disk+pc").0, Verdict::Passed);
    let listed = outcome.then().args(["board", "list"]).any_stdout();
    assert!(listed.exit_code(0).stdout().contains("sick since"));
    let outcome = night("- serial: 'login: '\n").exit_code(0);
    for cell in ["health-of-mars", "s@disk+mars", "t@disk+mars"] {
        assert_eq!(outcome.verdict(cell).0, Verdict::Passed, "{cell}");
    }
}
