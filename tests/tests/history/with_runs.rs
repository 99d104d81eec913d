//! Runs that `qa` makes are in the history.

use std::fs;

use qa_tests::{Fake, Qa, Screen};
use reports::Verdict::Passed;

use super::written::{Ran, run};
use crate::qa;

#[test]
fn a_run_takes_itself_in_and_the_next_one_is_compared_with_it() {
    let call = qa()
        .steps("s", "- see: { needle: login, within: 50ms }")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")))
        .args(["run", "s"]);
    let place = call.beside();
    let outcome = call.exit_code(0);
    let file = place.root().join("qa-results/history.sqlite");
    assert!(file.is_file());
    assert!(
        !outcome.stderr().contains("history"),
        "{}",
        outcome.stderr()
    );
    place
        .beside()
        .machine(Fake::shows(&Screen::of("desktop")))
        .args(["run", "s", "--no-checkpoints"])
        .exit_code(1);
    let shown = place.beside().args(["history"]).any_stdout().exit_code(0);
    let lines: Vec<&str> = shown.stdout().lines().collect();
    assert!(
        lines[1].starts_with("s@disk+pc  failed  1/2 "),
        "{lines:#?}"
    );
    assert_eq!(
        lines[3..6],
        [
            "cells that do not hold",
            "  s@disk+pc",
            "    since [run] (failed), 1 run; it held last in [run]",
        ]
    );
    let cause = lines[6..]
        .iter()
        .map(|line| line.trim())
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        cause.starts_with("failed: the screen differs from needle `login`"),
        "{lines:#?}"
    );
    assert!(
        cause.contains("no needle tagged `login` matched within [time]"),
        "{lines:#?}"
    );
    place
        .beside()
        .args(["history", "s"])
        .stdout_has("the last good run: qa-results/[run]\n")
        .exit_code(0);
}

#[test]
fn a_history_that_cannot_be_written_changes_no_verdict() {
    let call = qa()
        .steps("s", "- see: login")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")))
        .args(["run", "s"]);
    fs::create_dir_all(call.root().join("qa-results/history.sqlite")).unwrap();
    let outcome = call.exit_code(0);
    let said = "the run is not in the history yet, and `qa history` takes it in: ";
    assert!(outcome.stderr().contains(said), "{}", outcome.stderr());
    outcome
        .then()
        .args(["history"])
        .stdout_has("s@disk+pc  passed  1/1 ")
        .any_stderr()
        .exit_code(0);
}

#[test]
fn a_matrix_and_a_run_of_its_own_have_the_same_cell() {
    let call = qa()
        .project_also("matrix:\n  all: { images: [disk], machines: [pc], scenarios: [s] }\n")
        .steps("s", "- see: login")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")))
        .args(["run", "s"]);
    let place = call.beside();
    call.exit_code(0);
    place
        .beside()
        .args(["run", "--matrix", "all", "--no-checkpoints"])
        .exit_code(0);
    place
        .beside()
        .args(["history"])
        .stdout_has("s@disk+pc  passed  2/2 ")
        .exit_code(0);
}

/// A project that keeps one run, and has three.
fn with_old_runs() -> Qa {
    let call = qa()
        .project_also("results: { keep_runs: 1 }\n")
        .steps("s", "- see: login")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")));
    for day in 1..=3 {
        run(&call, day, &[Ran::of("other", Passed)]);
    }
    call
}

#[test]
fn a_run_removes_what_the_project_does_not_keep() {
    let call = with_old_runs().args(["run", "s"]);
    let results = call.root().join("qa-results");
    let outcome = call.exit_code(0);
    assert!(
        outcome.stderr().contains("2 old runs were removed ("),
        "{}",
        outcome.stderr()
    );
    assert!(!results.join("run-01").exists() && !results.join("run-02").exists());
    assert!(
        results.join("run-03").is_dir(),
        "the last good run of a cell stays"
    );
    assert!(results.join("latest/report.html").is_file());
}

#[test]
fn a_run_removes_nothing_elsewhere() {
    let call = with_old_runs().args(["run", "s", "--results", "other-results"]);
    let results = call.root().join("qa-results");
    let outcome = call.exit_code(0);
    assert!(
        !outcome.stderr().contains("removed"),
        "{}",
        outcome.stderr()
    );
    assert!(results.join("run-01").is_dir());
}
