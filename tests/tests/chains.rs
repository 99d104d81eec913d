//! `after:`: a scenario starts where another ended.

use qa_tests::{Fake, Qa, Screen, act, on};
use reports::{Event, StartedFrom, Verdict};

use crate::qa;

fn project() -> Qa {
    qa().steps("login", "- type: \"alice\\n\"\n- see: desktop")
        .scenario(
            "calculator",
            "image: disk\nafter: login\nsteps:\n  - type: calc\n  - see: calculator\n",
        )
        .scenario(
            "editor",
            "image: disk\nafter: calculator\nsteps:\n  - type: edit\n  - see: editor\n",
        )
        .needles(["desktop", "calculator", "editor"])
}

fn machine() -> Fake {
    Fake::shows(&Screen::of("greeter"))
        .on(on::typed("alice\n"), [act::show(&Screen::of("desktop"))])
        .on(on::typed("calc"), [act::show(&Screen::of("calculator"))])
        .on(on::typed("edit"), [act::show(&Screen::of("editor"))])
}

#[test]
fn a_chain_goes_on_on_the_machine_that_is_there() {
    let outcome = project()
        .machine(machine())
        .args(["run", "editor", "login", "calculator", "--no-checkpoints"])
        .exit_code(0);
    assert_eq!(outcome.journal().pids().len(), 1, "one boot");
    assert_eq!(outcome.journal().typed(), "alice\ncalcedit");
    let from: Vec<_> = outcome
        .entries()
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::ScenarioStarted { from, .. } => Some((entry.envelope.scenario?, from)),
            _ => None,
        })
        .collect();
    let continued = |name: &str| StartedFrom::Continued {
        scenario: name.into(),
    };
    assert_eq!(
        from,
        [
            ("login".to_owned(), StartedFrom::PowerOn),
            ("calculator".to_owned(), continued("login")),
            ("editor".to_owned(), continued("calculator")),
        ]
    );
}

#[test]
fn what_a_scenario_starts_after_runs_first_even_unasked() {
    let outcome = project()
        .machine(machine())
        .args(["run", "editor"])
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "alice\ncalcedit");
    assert_eq!(outcome.verdict("editor").0, Verdict::Passed);
    let judged = outcome
        .events()
        .into_iter()
        .filter(|event| matches!(event, Event::ScenarioFinished { .. }))
        .count();
    assert_eq!(judged, 1, "only what was asked for is judged");
}

#[test]
fn what_starts_after_a_failure_is_skipped_with_the_reason() {
    let outcome = project()
        .steps("login", "- see: { needle: desktop, within: 20ms }")
        .args(["run", "login", "calculator", "editor"])
        .exit_code(1);
    assert_eq!(outcome.verdict("login").0, Verdict::Failed);
    for name in ["calculator", "editor"] {
        let (verdict, cause) = outcome.verdict(name);
        assert_eq!(verdict, Verdict::Skipped);
        assert!(cause.unwrap().message.contains("`login`"));
    }
    assert_eq!(
        outcome.journal().pids().len(),
        1,
        "no machine is started for them"
    );
}

#[test]
fn siblings_start_where_both_begin() {
    let qa = qa()
        .steps("login", "- type: a")
        .scenario("one", "image: disk\nafter: login\nsteps:\n  - type: b\n")
        .scenario("two", "image: disk\nafter: login\nsteps:\n  - type: c\n");
    let alone = qa
        .beside()
        .args(["run", "one", "two", "--jobs", "1", "--no-checkpoints"])
        .exit_code(0);
    assert_eq!(alone.journal().pids().len(), 2);
    assert_eq!(alone.journal().typed(), "abac");
    let shared = qa.args(["run", "one", "two", "--jobs", "1"]).exit_code(0);
    assert_eq!(shared.journal().typed(), "abc");
}

#[test]
fn what_a_stage_has_set_is_there_in_the_next_one() {
    let project = qa()
        .steps(
            "login",
            "- serial: { regex: 'kernel (\\S+)', save: kernel }\n- set: { colour: blue }",
        )
        .scenario(
            "later",
            "image: disk\nafter: login\nvars: { kernel: none, colour: none }\nsteps:\n  \
            - type: '{{ kernel }} {{ colour }}'\n",
        )
        .machine(Fake::new().on(on::boot(), [act::say("kernel 6.12\n")]));
    let continued = project
        .beside()
        .args(["run", "login", "later"])
        .exit_code(0);
    assert_eq!(continued.journal().typed(), "6.12 blue");
    let from_power_on = project.args(["run", "later"]).exit_code(0);
    assert_eq!(from_power_on.journal().typed(), "6.12 blue");
}
