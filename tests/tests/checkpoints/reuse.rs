//! Another run starts where an earlier one has been.

use qa_tests::{Fake, Screen, act, on};
use reports::Verdict;

use super::{is_clean, login, machine, project, starts, warm};
use crate::qa;

#[test]
fn a_second_run_starts_at_the_checkpoint() {
    let first = warm();
    assert_eq!(starts(&first, "one"), ["power-on"]);
    assert_eq!(first.journal().typed(), "alice\none");
    let second = first
        .then()
        .machine(machine())
        .args(["run", "one"])
        .stdout_has("from the checkpoint of login")
        .exit_code(0);
    assert_eq!(starts(&second, "one"), ["earlier:login"]);
    assert_eq!(
        second.journal().typed(),
        "one",
        "the login is not run again"
    );
    assert_eq!(second.journal().pids().len(), 1);
    for report in ["report.html", "junit.xml"] {
        assert!(second.file(report).contains("checkpoint"), "{report}");
    }
    is_clean(&second);
}

#[test]
fn the_scenario_before_is_judged_on_a_machine_of_its_own() {
    let outcome = warm()
        .then()
        .machine(machine())
        .args(["run", "login", "one", "--jobs", "1"])
        .exit_code(0);
    assert_eq!(starts(&outcome, "login"), ["power-on"]);
    assert_eq!(starts(&outcome, "one").len(), 1);
    assert_eq!(outcome.journal().typed(), "alice\none");
}

#[test]
fn a_chain_starts_at_its_deepest_checkpoint() {
    let qa = qa()
        .steps("login", "- type: \"alice\\n\"\n- see: desktop")
        .scenario(
            "calculator",
            "image: disk\nafter: login\nsteps:\n  - type: calc\n  - see: calculator\n",
        )
        .scenario(
            "editor",
            "image: disk\nafter: calculator\nsteps:\n  - see: calculator\n  - type: edit\n  - see: editor\n",
        )
        .needles(["desktop", "calculator", "editor"]);
    let machine = || {
        login()
            .on(on::typed("calc"), [act::show(&Screen::of("calculator"))])
            .on(on::typed("edit"), [act::show(&Screen::of("editor"))])
    };
    let run = ["run", "editor"];
    let cold = qa.machine(machine()).args(run).exit_code(0);
    assert_eq!(cold.saved(), ["login", "calculator"]);
    assert_eq!(cold.journal().typed(), "alice\ncalcedit");
    assert_eq!(starts(&cold, "editor"), ["power-on"]);

    let warm = cold.then().machine(machine()).args(run).exit_code(0);
    assert_eq!(starts(&warm, "editor"), ["earlier:calculator"]);
    assert_eq!(warm.journal().typed(), "edit");

    // The child alone goes: the parent is still good to start from.
    let child = warm
        .checkpoints()
        .into_iter()
        .find(|folder| {
            let note = std::fs::read_to_string(folder.join("checkpoint.json")).unwrap();
            note.contains("\"calculator\"")
        })
        .unwrap();
    std::fs::remove_dir_all(child).unwrap();
    let from_parent = warm.then().machine(machine()).args(run).exit_code(0);
    assert_eq!(starts(&from_parent, "editor"), ["earlier:login"]);
    assert_eq!(from_parent.journal().typed(), "calcedit");
    assert_eq!(from_parent.saved(), ["calculator"]);
    is_clean(&from_parent);
}

#[test]
fn what_steps_have_set_and_seen_is_there() {
    let qa = qa()
        .steps(
            "login",
            "- serial: { regex: 'kernel (\\S+)', save: kernel }\n- set: { colour: blue }\n- see: desktop",
        )
        .scenario(
            "later",
            "image: disk\nafter: login\nvars: { kernel: none, colour: none }\nsteps:\n  \
            - { type: '{{ kernel }} {{ colour }}', when: seen(desktop) }\n",
        )
        .needles(["desktop"]);
    let machine = || {
        Fake::new().on(
            on::boot(),
            [act::say("kernel 6.12\n"), act::show(&Screen::of("desktop"))],
        )
    };
    let cold = qa.machine(machine()).args(["run", "later"]).exit_code(0);
    assert_eq!(cold.journal().typed(), "6.12 blue");
    let warm = cold
        .then()
        .machine(machine())
        .args(["run", "later"])
        .exit_code(0);
    assert_eq!(starts(&warm, "later"), ["earlier:login"]);
    assert_eq!(warm.journal().typed(), "6.12 blue");
}

#[test]
fn a_known_defect_on_the_way_counts_as_it_does_from_power_on() {
    let qa = qa()
        .steps(
            "login",
            "- soft_fail: { reason: the clock is slow, ticket: 'https://example.org/7' }",
        )
        .scenario("later", "image: disk\nafter: login\nsteps:\n  - type: a\n");
    let cold = qa.args(["run", "later"]).exit_code(0);
    assert_eq!(cold.scenario("later").verdict, Verdict::SoftFailed);
    let warm = cold.then().args(["run", "later"]).exit_code(0);
    assert_eq!(starts(&warm, "later"), ["earlier:login"]);
    assert_eq!(warm.scenario("later").verdict, Verdict::SoftFailed);
    assert!(warm.file("events.jsonl").contains("the clock is slow"));
}

#[test]
fn the_agent_is_there_again_and_sets_the_clock() {
    let qa = qa()
        .steps("login", "- run: ready")
        .scenario("later", "image: disk\nafter: login\nsteps:\n  - run: id\n");
    let machine = || {
        Fake::new()
            .on(on::boot(), [act::agent_comes()])
            .answers("ready", 0, "")
            .answers("id", 0, "0\n")
    };
    let cold = qa.machine(machine()).args(["run", "later"]).exit_code(0);
    let warm = cold
        .then()
        .machine(machine())
        .args(["run", "later"])
        .exit_code(0);
    assert_eq!(starts(&warm, "later"), ["earlier:login"]);
    let asked = format!("{:?}", warm.journal().entries());
    assert!(asked.contains("guest-set-time"), "{asked}");
    assert!(!asked.contains("ready"), "{asked}");
}

#[test]
fn a_checkpoint_is_not_made_where_nothing_starts_after() {
    let outcome = qa().steps("s", "- type: a").args(["run", "s"]).exit_code(0);
    assert!(outcome.checkpoints().is_empty());
    let args = &outcome.file("s/qemu.args");
    assert!(!args.contains("memory-backend"), "{args}");
    let without = project()
        .machine(machine())
        .args(["run", "one", "two", "--no-checkpoints", "--jobs", "1"])
        .exit_code(0);
    assert!(without.checkpoints().is_empty());
    for name in ["one", "two"] {
        assert_eq!(starts(&without, name), ["power-on"]);
        let args = without.file(&format!("{name}/qemu.args"));
        assert!(!args.contains("memory-backend"), "{args}");
    }
}

#[test]
fn a_cache_that_cannot_be_used_costs_time_only() {
    let outcome = project()
        .home_file(".cache/qa/checkpoints/mine.txt", "not a store")
        .machine(machine())
        .args(["run", "one"])
        .stderr_has("every machine starts from power-on")
        .exit_code(0);
    assert_eq!(starts(&outcome, "one"), ["power-on"]);
}
