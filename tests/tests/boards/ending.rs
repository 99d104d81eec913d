//! Runs that are stopped while they hold a board.

use std::path::Path;

use rustix::process::Signal;

use super::{awaits, run_on, says};
use crate::boards::with_programs;

/// A scenario that only a signal ends.
const WAITS: &str = "- serial: { regex: never, within: 10m }";

/// A board whose switch takes its time.
const SLOW: &str = "\
commands:
  on: touch on
  off: sleep 0.8; rm -f on; echo off >> log
  write: \"[ ! -e slow ] || { touch writes; sleep 1000; }\"
  serial: cat
power: commands
storage: commands
serial: commands
";

fn log(root: &Path) -> String {
    std::fs::read_to_string(root.join("log")).unwrap_or_default()
}

#[test]
fn a_board_is_off_after_ctrl_c_however_slow_its_switch_is() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let qa = run_on(SLOW, WAITS);
        let (root, list) = (qa.root(), with_programs(qa.beside()));
        let run = qa.start();
        awaits("the board is on", || root.join("on").exists());
        run.signal(signal);
        let outcome = run.exit_code(130);
        assert!(!root.join("on").exists(), "the board is off");
        assert_eq!(log(&root), "off\noff\n", "before the start and at the end");
        says(&outcome.file("s/board.log"), &["give the board back: done"]);
        let list = list.args(["board", "list"]).any_stdout().exit_code(0);
        says(list.stdout(), &["  free  "]);
    }
}

#[test]
fn a_board_is_off_after_a_signal_while_its_image_is_written() {
    let qa = run_on(SLOW, WAITS).file("slow", "");
    let root = qa.root();
    let run = qa.start();
    awaits("the image is being written", || {
        root.join("writes").exists()
    });
    run.signal(Signal::TERM);
    let outcome = run.exit_code(130);
    says(&outcome.file("s/board.log"), &["give the board back: done"]);
    assert_eq!(log(&root), "off\noff\n");
}

#[test]
fn a_run_gives_up_when_its_patience_ends() {
    let board = format!("{SLOW}wait: 300ms\n");
    let first = run_on(&board, WAITS);
    let second = with_programs(first.beside()).args(["run", "s"]);
    let root = first.root();
    let first = first.start();
    awaits("the board is on", || root.join("on").exists());
    let outcome = second.exit_code(3);
    let words = super::told(&outcome, reports::CauseKind::Launch);
    says(
        &words,
        &[
            "the run ",
            "has the board `mars`",
            "or run on another board",
        ],
    );
    first.signal(Signal::TERM);
    first.exit_code(130);
}
