//! `kill -9` of `qa`: the cache is good afterwards, and the next run is right.

use qa_tests::{Entry, Outcome, Screen, act, on};
use reports::Verdict;
use rustix::process::Signal;

use super::{is_clean, login, machine, project, starts, warm};

#[track_caller]
fn goes_on(outcome: &Outcome, start: &str) {
    is_clean(outcome);
    let next = outcome
        .then()
        .machine(machine())
        .args(["run", "one"])
        .exit_code(0);
    assert_eq!(starts(&next, "one"), [start]);
    assert_eq!(next.scenario("one").verdict, Verdict::Passed);
    assert_eq!(next.checkpoints().len(), 1);
    is_clean(&next);
    let pruned = next.then().args(["cache", "prune", "--all"]);
    let pruned = pruned.any_stdout().any_stderr().exit_code(0);
    assert!(pruned.checkpoints().is_empty(), "nobody holds it");
}

#[test]
fn while_saving() {
    let outcome = project()
        .machine(machine().on(on::saving(), [act::signal_qa("KILL")]))
        .args(["run", "one"])
        .start()
        .ended_by(Signal::KILL);
    assert!(outcome.checkpoints().is_empty());
    goes_on(&outcome, "power-on");
}

#[test]
fn just_after_saving() {
    let outcome = project()
        .machine(machine().on(on::restoring(), [act::signal_qa("KILL")]))
        .args(["run", "one"])
        .start()
        .ended_by(Signal::KILL);
    goes_on(&outcome, "earlier:login");
}

#[test]
fn while_restoring() {
    let outcome = warm()
        .then()
        .machine(machine().on(on::restoring(), [act::signal_qa("KILL")]))
        .args(["run", "one"])
        .start()
        .ended_by(Signal::KILL);
    goes_on(&outcome, "earlier:login");
}

#[test]
fn while_running_from_a_checkpoint() {
    let outcome = warm()
        .then()
        .machine(login().on(on::typed("one"), [act::signal_qa("KILL")]))
        .args(["run", "one"])
        .start()
        .ended_by(Signal::KILL);
    goes_on(&outcome, "earlier:login");
}

#[test]
fn while_another_uses_the_same_checkpoint() {
    let warm = warm();
    let patient = "image: disk\nafter: login\nsteps:\n  - see: desktop\n  - type: one\n  - see: { needle: first, within: 60s }\n";
    let mut other = warm
        .then()
        .scenario("one", patient)
        .machine(login().on(on::told("go on"), [act::show(&Screen::of("first"))]))
        .args(["run", "one", "--results", "other"])
        .start();
    other.reaches(|entry| *entry == Entry::Typed("e".into()));
    let killed = warm
        .then()
        .machine(login().on(on::typed("two"), [act::signal_qa("KILL")]))
        .args(["run", "two"])
        .start()
        .ended_by(Signal::KILL);
    // In use, so it stays.
    let pruned = killed.then().args(["cache", "prune", "--all"]);
    let pruned = pruned.any_stdout().any_stderr().exit_code(0);
    assert_eq!(pruned.checkpoints().len(), 1);
    other.tell("go on");
    let outcome = other.exit_code(0);
    goes_on(&outcome, "earlier:login");
}
