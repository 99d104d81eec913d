//! What a killed run leaves behind is cleared away by the next call, and what backs a verdict stays.

use std::path::PathBuf;

use qa_tests::{Entry, Fake, Outcome, Screen, act, on};
use rustix::process::Signal;

use crate::{qa, steps};

const WAITS: &str = "- see: { needle: desktop, within: 60s }";

/// A run that was killed, and the folder of its scenario.
fn killed() -> (Outcome, PathBuf) {
    let outcome = steps(WAITS)
        .needles(["desktop"])
        .machine(Fake::new().on(on::captures(1), [act::signal_qa("KILL")]))
        .start()
        .ended_by(Signal::KILL);
    let folder = outcome.run_folder().join("s");
    assert!(folder.join("disk0.qcow2").is_file());
    (outcome, folder)
}

#[track_caller]
fn is_cleared(folder: &std::path::Path) {
    assert!(!folder.join("disk0.qcow2").exists());
    for evidence in ["qmp.log", "qemu.args", "serial0.log", "../events.jsonl"] {
        assert!(folder.join(evidence).is_file(), "{evidence}");
    }
}

#[test]
fn the_next_run_clears_it_away() {
    let (outcome, folder) = killed();
    let next = outcome
        .then()
        .machine(Fake::shows(&Screen::of("desktop")))
        .args(["run", "s"])
        .exit_code(0);
    is_cleared(&folder);
    let stderr = next.stderr();
    assert!(
        stderr.contains("that a killed run had left in [dir]/project/qa-results"),
        "{stderr}"
    );
}

#[test]
fn cache_prune_clears_it_away_and_says_so_once() {
    let (outcome, folder) = killed();
    let prune = || {
        let prune = outcome.then().args(["cache", "prune"]).any_stderr();
        prune
            .exit_code(0)
            .stderr()
            .contains("removed disks of machines")
    };
    assert!(prune());
    is_cleared(&folder);
    assert!(!prune());
}

#[test]
fn a_run_that_was_stopped_twice_is_cleared_away_too() {
    // The first comes when a step is done: a machine that is stopped as it starts is not asked to quit.
    let outcome = steps(&format!("- type: x\n{WAITS}"))
        .needles(["desktop"])
        .machine(
            Fake::new()
                .on(on::typed("x"), [act::signal_qa("INT")])
                .on(on::command("quit"), [act::signal_qa("INT"), act::hang()]),
        )
        .abandons_files()
        .exit_code(130);
    let folder = outcome.run_folder().join("s");
    assert!(folder.join("disk0.qcow2").is_file());
    let prune = outcome.then().args(["cache", "prune"]).any_stderr();
    prune.exit_code(0);
    is_cleared(&folder);
}

#[test]
fn what_a_run_works_with_that_goes_on_stays() {
    let mut running = qa()
        .steps("s", &format!("- type: x\n{WAITS}"))
        .needles(["desktop"])
        .machine(Fake::new().on(on::told("go on"), [act::show(&Screen::of("desktop"))]))
        .args(["run", "s"])
        .start();
    running.reaches(|entry| *entry == Entry::Typed("x".into()));
    let prune = running.beside().args(["cache", "prune"]).any_stderr();
    let prune = prune.exit_code(0);
    assert!(prune.run_folder().join("s/disk0.qcow2").is_file());
    running.tell("go on");
    running.exit_code(0);
}
