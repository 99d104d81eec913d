//! Trying again: retries, repetitions, and what they start from.

use qa_tests::{Fake, Screen, act, on};
use reports::Verdict;

use super::{login, machine, never_right, project, starts, warm};

fn wrong() -> qa_tests::Act {
    act::show(&Screen::of("wrong"))
}

/// Shows something wrong the first time.
fn wrong_once() -> Fake {
    login()
        .first(on::typed("one"), [wrong()])
        .on(on::typed("one"), [act::show(&Screen::of("first"))])
}

#[test]
fn a_retry_that_holds_makes_it_flaky() {
    for (args, status) in [(&[][..], 0), (&["--flaky", "fail"], 1)] {
        let outcome = project()
            .machine(wrong_once())
            .args(["run", "one", "--retries", "2"])
            .args(args.iter().copied())
            .exit_code(status);
        assert_eq!(starts(&outcome, "one"), ["power-on", "login"]);
        assert_eq!(outcome.scenario("one").verdict, Verdict::Flaky);
        assert_eq!(outcome.journal().typed(), "alice\noneone");
        assert!(outcome.file("junit.xml").contains("flaky"));
    }
}

#[test]
fn retries_come_to_an_end() {
    let outcome = project()
        .machine(never_right())
        .args(["run", "one", "--retries", "2"])
        .exit_code(1);
    assert_eq!(starts(&outcome, "one"), ["power-on", "login", "login"]);
    assert_eq!(outcome.scenario("one").verdict, Verdict::Failed);
}

#[test]
fn retries_come_after_the_confirmation() {
    let outcome = warm()
        .then()
        .machine(
            login()
                .first(on::typed("one"), [wrong()])
                .first(on::typed("one"), [wrong()])
                .on(on::typed("one"), [act::show(&Screen::of("first"))]),
        )
        .args(["run", "one", "--retries", "1"])
        .exit_code(0);
    // What is to confirm a failure leaves checkpoints as they are.
    assert_eq!(
        starts(&outcome, "one"),
        ["earlier:login", "power-on", "power-on"]
    );
    assert_eq!(outcome.scenario("one").verdict, Verdict::Flaky);
}

#[test]
fn repetitions_start_from_one_checkpoint() {
    let outcome = project()
        .machine(machine())
        .args(["run", "one", "--repeat", "3", "--jobs", "1"])
        .exit_code(0);
    assert_eq!(starts(&outcome, "one"), ["power-on", "login", "login"]);
    assert_eq!(outcome.journal().typed(), "alice\noneoneone");
    assert_eq!(outcome.scenario("one").verdict, Verdict::Passed);
}

#[test]
fn repetitions_side_by_side_start_from_one_checkpoint() {
    let outcome = project()
        .machine(machine())
        .args(["run", "one", "--repeat", "6", "--jobs", "3"])
        .exit_code(0);
    assert_eq!(outcome.journal().typed().matches("alice").count(), 1);
    assert_eq!(
        outcome.journal().pids().len(),
        7,
        "the first one is saved and goes on"
    );
}

#[test]
fn a_repetition_that_does_not_hold_is_one_of_all() {
    let outcome = warm()
        .then()
        .machine(wrong_once())
        .args(["run", "one", "--repeat", "3", "--jobs", "1"])
        .exit_code(1);
    assert_eq!(
        outcome.verdicts("one"),
        [Verdict::Failed, Verdict::Passed, Verdict::Passed]
    );
}

#[test]
fn until_fail_ends_with_the_first_that_does_not_hold() {
    let right = || act::show(&Screen::of("first"));
    let outcome = project()
        .machine(
            login()
                .first(on::typed("one"), [right()])
                .first(on::typed("one"), [right()])
                .first(on::typed("one"), [wrong()])
                .on(on::typed("one"), [right()]),
        )
        .args(["run", "one", "--until-fail", "--jobs", "1"])
        .exit_code(1);
    assert_eq!(
        outcome.verdicts("one"),
        [Verdict::Passed, Verdict::Passed, Verdict::Failed]
    );
}
