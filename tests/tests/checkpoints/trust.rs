//! A failure from a checkpoint of an earlier run counts only when it comes out from power-on, too.

use qa_tests::{Fake, Screen, act, on};
use reports::{Finding, Verdict};

use super::{is_clean, login, machine, never_right, only, starts, warm};

/// A machine that shows something wrong the first time it is asked for `one`, and what it should afterwards.
fn wrong_once() -> Fake {
    login()
        .first(on::typed("one"), [act::show(&Screen::of("wrong"))])
        .on(on::typed("one"), [act::show(&Screen::of("first"))])
        .on(on::typed("two"), [act::show(&Screen::of("second"))])
}

#[test]
fn what_fails_from_power_on_too_has_failed() {
    let outcome = warm()
        .then()
        .machine(never_right())
        .args(["run", "one"])
        .exit_code(1);
    assert_eq!(starts(&outcome, "one"), ["earlier:login", "power-on"]);
    let scenario = outcome.scenario("one");
    assert_eq!(scenario.verdict, Verdict::Failed);
    assert!(scenario.findings.is_empty());
    assert_eq!(outcome.journal().typed(), "onealice\none");
    only(&outcome);
    is_clean(&outcome);
}

#[test]
fn what_holds_from_power_on_has_passed_and_the_checkpoint_goes() {
    let first = warm();
    let before = std::fs::read(only(&first).join("checkpoint.json")).unwrap();
    let outcome = first
        .then()
        .machine(wrong_once())
        .args(["run", "one"])
        .stdout_has("held from power-on")
        .exit_code(0);
    assert_eq!(starts(&outcome, "one"), ["earlier:login", "power-on"]);
    let scenario = outcome.scenario("one");
    assert_eq!(scenario.verdict, Verdict::Passed);
    assert!(
        matches!(&scenario.findings[..], [Finding::CheckpointDisagreed { stage, .. }] if stage == "login"),
        "{:?}",
        scenario.findings
    );
    for folder in outcome.checkpoints() {
        let note = std::fs::read(folder.join("checkpoint.json")).unwrap();
        assert_ne!(note, before, "the one that was wrong is gone");
    }
    is_clean(&outcome);
    // What is used next was made from power-on, by the attempt that held.
    let next = outcome
        .then()
        .machine(machine())
        .args(["run", "one"])
        .exit_code(0);
    assert_eq!(next.attempts("one").len(), 1);
}

#[test]
fn a_disagreement_leaves_what_this_run_has_made_for_others() {
    let outcome = warm()
        .then()
        .machine(wrong_once())
        .args(["run", "one", "two", "--jobs", "1"])
        .exit_code(0);
    assert_eq!(starts(&outcome, "one"), ["earlier:login", "power-on"]);
    assert_eq!(starts(&outcome, "two"), ["login"], "made by the second try");
    assert_eq!(outcome.journal().typed(), "onealice\nonetwo");
}

#[test]
fn unconfirmed_failures_count_if_that_is_wished() {
    let outcome = warm()
        .then()
        .machine(wrong_once())
        .args(["run", "one", "--no-confirm"])
        .exit_code(1);
    assert_eq!(starts(&outcome, "one"), ["earlier:login"]);
    let scenario = outcome.scenario("one");
    assert_eq!(scenario.verdict, Verdict::Failed);
    let summary = outcome.stdout();
    assert!(summary.contains("not confirmed"), "{summary}");
    assert!(outcome.file("report.html").contains("--no-confirm"));
}

#[test]
fn a_cold_run_uses_nothing_of_earlier_runs_and_shares_within_itself() {
    for (how, env) in [(Some("--cold"), ""), (None, "1")] {
        let first = warm();
        let outcome = first
            .then()
            .machine(machine())
            .env("CI", env)
            .args(["run", "one", "two", "--jobs", "1"])
            .args(how)
            .exit_code(0);
        assert_eq!(starts(&outcome, "one"), ["power-on"]);
        assert_eq!(starts(&outcome, "two"), ["login"]);
        assert_eq!(outcome.journal().typed(), "alice\nonetwo");
        is_clean(&outcome);
    }
}

#[test]
fn warm_is_stronger_than_ci() {
    let outcome = warm()
        .then()
        .machine(machine())
        .env("CI", "true")
        .args(["run", "one", "--warm"])
        .exit_code(0);
    assert_eq!(starts(&outcome, "one"), ["earlier:login"]);
}

#[test]
fn a_failure_from_a_checkpoint_of_the_same_run_counts() {
    let outcome = warm()
        .then()
        .machine(machine().version("10.0.3"))
        .args(["run", "two"])
        .exit_code(0);
    let outcome = outcome
        .then()
        .machine(never_right())
        .args(["run", "one", "two", "--cold", "--jobs", "1"])
        .exit_code(1);
    assert_eq!(starts(&outcome, "one"), ["power-on"]);
    assert_eq!(starts(&outcome, "two"), ["login"]);
}
