//! A failure from a checkpoint of an earlier run counts only when it comes out from power-on, too.

use qa_tests::{Fake, Screen, act, on};
use reports::{CauseKind, Finding, Verdict};

use super::{is_clean, login, machine, never_right, only, starts, warm};

/// A machine that shows something wrong the first time it is asked for `one`, and what it should afterwards.
fn wrong_once() -> Fake {
    login()
        .first(on::typed("one"), [act::show(&Screen::of("wrong"))])
        .on(on::typed("one"), [act::show(&Screen::of("first"))])
        .on(on::typed("two"), [act::show(&Screen::of("second"))])
}

/// A machine that shows something wrong the first time it is asked for `one`, and ends the second time.
fn wrong_and_then_gone() -> Fake {
    login()
        .first(on::typed("one"), [act::show(&Screen::of("wrong"))])
        .first(on::typed("one"), [act::die()])
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
fn what_failed_from_a_good_checkpoint_and_then_held_is_flaky_and_the_checkpoint_stays() {
    let first = warm();
    let before = std::fs::read(only(&first).join("checkpoint.json")).unwrap();
    let outcome = first
        .then()
        .machine(wrong_once())
        .args(["run", "one"])
        .stdout_has("1 flaky")
        .stderr_has("one: failed from a checkpoint; trying from power-on, attempt 2")
        .stderr_has("one: failed from a checkpoint and held from power-on; trying from the checkpoint of login")
        .exit_code(0);
    outcome.shows("a failure from a good checkpoint does not come again");
    assert_eq!(
        starts(&outcome, "one"),
        ["earlier:login", "power-on", "earlier:login"]
    );
    assert_eq!(
        outcome.verdicts("one"),
        [Verdict::Failed, Verdict::Passed, Verdict::Passed]
    );
    let scenario = outcome.scenario("one");
    assert_eq!(scenario.verdict, Verdict::Flaky);
    assert_eq!(scenario.findings, [], "it has held from there, too");
    for report in [
        outcome.stdout(),
        &outcome.file("junit.xml"),
        &outcome.file("report.html"),
    ] {
        assert!(report.contains("flaky"), "{report}");
    }
    assert!(outcome.file("junit.xml").contains("<flakyFailure "));
    let after = std::fs::read(only(&outcome).join("checkpoint.json")).unwrap();
    assert_eq!(after, before);
    is_clean(&outcome);
}

#[test]
fn a_gate_fails_where_what_failed_from_a_checkpoint_held_then() {
    for (args, env, code) in [
        (&["--warm"][..], "true", 1),
        (&["--warm", "--flaky", "pass"], "true", 0),
        (&["--flaky", "fail"], "", 1),
        (&[], "false", 0),
    ] {
        let outcome = warm()
            .then()
            .machine(wrong_once())
            .env("CI", env)
            .args(["run", "one"])
            .args(args.iter().copied())
            .exit_code(code);
        assert_eq!(outcome.scenario("one").verdict, Verdict::Flaky);
        let failures = outcome.file("junit.xml").matches("<failure ").count();
        assert_eq!(failures, usize::from(code == 1), "{args:?}");
    }
}

/// A machine that shows something wrong from the checkpoint each time, as often as these tests start there.
fn wrong_from_the_checkpoint() -> Fake {
    let wrong = || [act::show(&Screen::of("wrong"))];
    let right = || [act::show(&Screen::of("first"))];
    login()
        .first(on::typed("one"), wrong())
        .first(on::typed("one"), right())
        .first(on::typed("one"), wrong())
        .on(on::typed("one"), right())
}

#[test]
fn a_checkpoint_from_which_it_fails_again_where_power_on_holds_again_is_to_blame_and_goes() {
    let outcome = warm()
        .then()
        .machine(wrong_from_the_checkpoint())
        .args(["run", "one"])
        .stdout_has("the checkpoint is to blame, and was dropped")
        .stderr_has("one: failed from the checkpoint again; trying from power-on, attempt 4")
        .exit_code(0);
    outcome.shows("a checkpoint leads to a failure each time, power-on never");
    assert_eq!(
        starts(&outcome, "one"),
        ["earlier:login", "power-on", "earlier:login", "power-on"]
    );
    let scenario = outcome.scenario("one");
    assert_eq!(scenario.verdict, Verdict::Flaky);
    assert!(
        matches!(&scenario.findings[..], [Finding::CheckpointBlamed { stage, failed, held, .. }]
            if stage == "login" && failed == &[1, 3] && held == &[2, 4]),
        "{:?}",
        scenario.findings
    );
    assert!(outcome.checkpoints().is_empty());
    // The next one is made from power-on.
    let next = outcome
        .then()
        .machine(machine())
        .args(["run", "one"])
        .exit_code(0);
    assert_eq!(starts(&next, "one"), ["power-on"]);
    assert_eq!(next.saved(), ["login"]);
}

#[test]
fn others_go_on_from_a_checkpoint_that_is_not_to_blame() {
    let outcome = warm()
        .then()
        .machine(wrong_once())
        .args(["run", "one", "two", "--jobs", "1"])
        .exit_code(0);
    assert_eq!(
        starts(&outcome, "one"),
        ["earlier:login", "power-on", "earlier:login"]
    );
    assert_eq!(starts(&outcome, "two"), ["earlier:login"]);
    assert_eq!(outcome.scenario("two").verdict, Verdict::Passed);
    assert_eq!(outcome.journal().typed(), "onealice\noneonetwo");
}

#[test]
fn a_machine_that_broke_from_a_checkpoint_is_no_failure_and_blames_nobody() {
    for (flaky, code) in [("pass", 0), ("fail", 3)] {
        let outcome = warm()
            .then()
            .machine(
                login()
                    .first(on::typed("one"), [act::die()])
                    .on(on::typed("one"), [act::show(&Screen::of("first"))]),
            )
            .args(["run", "one", "--flaky", flaky])
            .stderr_has("one: broke off from a checkpoint; trying from power-on, attempt 2")
            .exit_code(code);
        outcome.shows("QEMU is killed in an attempt from a checkpoint, and the next holds");
        assert_eq!(starts(&outcome, "one"), ["earlier:login", "power-on"]);
        let scenario = outcome.scenario("one");
        assert_eq!(scenario.verdict, Verdict::Flaky, "it is told");
        let cause = scenario.cause.as_ref().map(|cause| cause.kind.clone());
        assert_eq!(cause, Some(CauseKind::MachineExited));
        assert_eq!(scenario.findings, []);
        assert_eq!(outcome.file("junit.xml").matches("<failure ").count(), 0);
    }
}

#[test]
fn a_machine_that_breaks_where_a_failure_is_to_be_confirmed_takes_nothing_back() {
    let outcome = warm()
        .then()
        .machine(wrong_and_then_gone().first(on::typed("one"), [act::die()]))
        .args(["run", "one"])
        .stdout_has("no attempt from there came to a result")
        .exit_code(1);
    outcome.shows("QEMU is killed where a failure is to be confirmed");
    assert_eq!(
        starts(&outcome, "one"),
        ["earlier:login", "power-on", "power-on"]
    );
    let scenario = outcome.scenario("one");
    assert_eq!(scenario.verdict, Verdict::Failed);
    assert!(
        matches!(&scenario.findings[..], [Finding::NotConfirmed { .. }]),
        "{:?}",
        scenario.findings
    );
    only(&outcome);
}

#[test]
fn a_confirmation_that_broke_off_is_made_again() {
    let outcome = warm()
        .then()
        .machine(wrong_and_then_gone().on(on::typed("one"), [act::show(&Screen::of("wrong"))]))
        .args(["run", "one"])
        .exit_code(1);
    assert_eq!(
        starts(&outcome, "one"),
        ["earlier:login", "power-on", "power-on"]
    );
    let scenario = outcome.scenario("one");
    assert_eq!(scenario.verdict, Verdict::Failed);
    assert_eq!(scenario.findings, [], "it is confirmed");
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
