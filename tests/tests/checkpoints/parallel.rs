//! Several machines at once. What waits for another machine here fails when they run one after the other.

use qa_tests::{Fake, Outcome, Qa, Screen, act, on};
use reports::{Event, ExitStatus, Verdict};

use super::{is_clean, login, machine, project, starts};
use crate::qa;

/// Shows what both scenarios wait for once both machines have come so far.
fn meeting() -> Fake {
    let both = Screen::empty().badge("first", 16, 16);
    login()
        .on(on::typed("one"), [act::tell("one is here")])
        .on(on::typed("two"), [act::tell("two is here")])
        .on(on::told("two is here"), [act::show(&both)])
        .on(on::told("one is here"), [act::show(&Screen::of("second"))])
}

/// `one` and `two` wait as long as it takes. They do not look at the desktop first: where the other one is quicker, a
/// machine shows what it is to show in the end as soon as it runs.
fn patient() -> Qa {
    let text = |types: &str, sees: &str| {
        format!(
            "image: disk\nafter: login\nsteps:\n  - type: {types}\n  - see: {{ needle: {sees}, within: 60s }}\n"
        )
    };
    project()
        .scenario("one", &text("one", "first"))
        .scenario("two", &text("two", "second"))
}

#[track_caller]
fn logged_in_once(outcome: &Outcome) {
    let logins = outcome.journal().typed().matches("alice").count();
    assert_eq!(logins, 1, "{}", outcome.journal().typed());
}

#[test]
fn siblings_run_at_the_same_time() {
    let outcome = patient()
        .machine(meeting())
        .args(["run", "one", "two", "--jobs", "2"])
        .exit_code(0);
    logged_in_once(&outcome);
    // Whoever comes first makes it, and the other one waits for it.
    let mut from = starts(&outcome, "one");
    from.extend(starts(&outcome, "two"));
    from.sort();
    assert_eq!(from, ["login", "power-on"]);
    is_clean(&outcome);

    let warm = outcome
        .then()
        .machine(meeting())
        .args(["run", "one", "two", "--jobs", "2"])
        .exit_code(0);
    assert_eq!(warm.journal().pids().len(), 2);
    for name in ["one", "two"] {
        assert_eq!(starts(&warm, name), ["earlier:login"]);
    }
}

#[test]
fn what_is_judged_is_waited_for_as_well() {
    let outcome = patient()
        .machine(meeting())
        .args(["run", "login", "one", "two", "--jobs", "3"])
        .exit_code(0);
    logged_in_once(&outcome);
    assert_eq!(starts(&outcome, "login"), ["power-on"]);
    for name in ["one", "two"] {
        assert_eq!(starts(&outcome, name), ["login"]);
    }
}

#[test]
fn who_waited_for_a_stage_that_did_not_hold_is_skipped() {
    let outcome = project()
        .steps("login", "- see: { needle: desktop, within: 20ms }")
        .args(["run", "one", "two", "--jobs", "2"])
        .exit_code(1);
    assert_eq!(outcome.scenario("one").verdict, Verdict::Failed);
    let two = outcome.scenario("two");
    assert_eq!(two.verdict, Verdict::Skipped);
    assert!(two.cause.unwrap().message.contains("`login`"));
    assert_eq!(outcome.journal().pids().len(), 1);
}

#[test]
fn who_waited_for_a_stage_that_cannot_be_saved_runs_it() {
    let outcome = project()
        .machine(machine().blocked("a device"))
        .args(["run", "one", "two", "--jobs", "2"])
        .exit_code(0);
    for name in ["one", "two"] {
        assert_eq!(starts(&outcome, name), ["power-on"]);
    }
}

/// Two scenarios that begin with the same group.
fn alike() -> Qa {
    let scenario = |types: &str| {
        format!(
            "image: disk\nsteps:\n  - group:\n      name: log in\n      steps:\n        - type: \"alice\\n\"\n        \
            - see: desktop\n  - type: {types}\n  - see: {}\n",
            if types == "one" { "first" } else { "second" }
        )
    };
    qa().scenario("one", &scenario("one"))
        .scenario("two", &scenario("two"))
        .needles(["desktop", "first", "second"])
}

#[test]
fn a_scenario_alone_starts_at_the_beginning_that_others_have_left() {
    let plan = |outcome: &Outcome, more: &[&str]| {
        let args = ["run", "two", "--plan"].iter().chain(more).copied();
        let planned = outcome.then().machine(machine()).args(args).any_stdout();
        planned.exit_code(0).stdout().to_owned()
    };
    let alone = alike().machine(machine()).args(["run", "two"]).exit_code(0);
    assert!(alone.saved().is_empty(), "nobody else starts there");
    let whole = plan(&alone, &[]);
    assert_eq!(plan(&alone, &[]), whole);

    let run = ["run", "one", "two", "--jobs", "1"];
    let both = alone.then().machine(machine()).args(run).exit_code(0);
    assert_eq!(both.saved().len(), 1);
    assert_ne!(plan(&both, &[]), whole, "its beginning is there");
    assert_eq!(plan(&both, &[]), plan(&both, &[]));
    assert_eq!(plan(&both, &["--cold"]), whole);

    let warm = both
        .then()
        .machine(machine())
        .args(["run", "two"])
        .exit_code(0);
    assert_eq!(warm.journal().typed(), "two", "not logged in again");
    assert_eq!(starts(&warm, "two"), ["earlier:two"]);
    assert_eq!(warm.scenario("two").verdict, Verdict::Passed);
    is_clean(&warm);
    let cold = warm
        .then()
        .machine(machine())
        .args(["run", "two", "--cold"])
        .exit_code(0);
    assert_eq!(cold.journal().typed(), "alice\ntwo");
}

#[test]
fn equal_beginnings_are_run_once() {
    let qa = alike();
    let run = ["run", "one", "two", "--jobs", "2"];
    let cold = qa.machine(machine()).args(run).exit_code(0);
    logged_in_once(&cold);
    assert_eq!(cold.saved().len(), 1);
    let warm = cold.then().machine(machine()).args(run).exit_code(0);
    let mut typed: Vec<_> = warm.journal().typed().chars().collect();
    typed.sort_unstable();
    assert_eq!(typed.iter().collect::<String>(), "enootw");
    is_clean(&warm);
}

#[test]
fn ctrl_c_ends_all_machines() {
    // The signal comes once both run.
    let outcome = patient()
        .machine(
            login()
                .on(on::typed("one"), [act::tell("one is here")])
                .on(on::typed("two"), [act::tell("two is here")])
                .first(on::told("two is here"), [act::signal_qa("INT")])
                .whenever(on::told("one is here"), []),
        )
        .args(["run", "one", "two", "--jobs", "2"])
        .exit_code(130);
    for name in ["one", "two"] {
        assert_eq!(outcome.scenario(name).verdict, Verdict::Cancelled, "{name}");
    }
    let last = outcome.events().pop();
    let cancelled = ExitStatus::Cancelled;
    assert!(
        matches!(last, Some(Event::RunFinished { exit, .. }) if exit == cancelled),
        "{last:?}"
    );
    is_clean(&outcome);
}

#[test]
fn a_panicked_guest_does_not_hold_up_the_others() {
    let outcome = project()
        .machine(
            login()
                .on(on::typed("one"), [act::panic()])
                .on(on::typed("two"), [act::show(&Screen::of("second"))]),
        )
        .args(["run", "one", "two", "--jobs", "2"])
        .exit_code(1);
    assert_eq!(outcome.scenario("one").verdict, Verdict::Failed);
    assert_eq!(outcome.scenario("two").verdict, Verdict::Passed);
}
