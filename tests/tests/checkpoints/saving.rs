//! What cannot be saved, and machines that fail while they are.

use qa_tests::{Fake, Outcome, Screen, act, on};
use reports::Verdict;

use super::{is_clean, machine, project, starts, warm};
use crate::qa;

/// Runs both scenarios one after the other on a machine of which something keeps the login from being saved.
#[track_caller]
fn without_checkpoint(fake: Fake, told: &str) -> Outcome {
    let outcome = project()
        .machine(fake)
        .args(["run", "one", "two", "--jobs", "1"])
        .exit_code(0);
    for name in ["one", "two"] {
        assert_eq!(outcome.scenario(name).verdict, Verdict::Passed, "{name}");
        assert_eq!(starts(&outcome, name), ["power-on"], "{name}");
    }
    assert_eq!(outcome.journal().typed(), "alice\nonealice\ntwo");
    assert!(outcome.saved().is_empty() && outcome.checkpoints().is_empty());
    let reasons = outcome.unusable();
    assert!(
        !reasons.is_empty() && reasons.iter().all(|reason| reason.contains(told)),
        "{reasons:?} without {told}"
    );
    assert!(outcome.file("report.html").contains("it was not saved"));
    outcome
}

#[test]
fn a_device_that_cannot_be_saved_is_named() {
    without_checkpoint(
        machine().blocked("Migration is disabled when VirtFS export path is mounted"),
        "VirtFS export path",
    );
}

#[test]
fn a_machine_that_could_not_be_saved_goes_on() {
    let fails = machine().whenever(on::saving(), [act::fail_migration("the stream broke")]);
    without_checkpoint(fails, "the stream broke");
}

#[test]
fn a_refused_command_is_no_reason_to_stop() {
    // The file system of the cache is full, so to say: what is saved cannot be written.
    let outcome = project()
        .machine(machine().first(on::saving(), [act::fail_migration("once")]))
        .args(["run", "one", "two", "--jobs", "1"])
        .exit_code(0);
    assert_eq!(starts(&outcome, "two"), ["power-on"]);
    assert_eq!(outcome.saved(), ["login"], "the second time it can be");
}

#[test]
fn a_machine_that_dies_while_it_is_saved_is_an_error() {
    let outcome = project()
        .machine(machine().whenever(on::saving(), [act::die()]))
        .args(["run", "one"])
        .exit_code(3);
    outcome.shows("QEMU is killed while the machine is saved");
    let scenario = outcome.scenario("one");
    assert_eq!(scenario.verdict, Verdict::Error);
    assert!(outcome.checkpoints().is_empty());
}

#[test]
fn ctrl_c_ends_a_save_that_hangs() {
    let outcome = project()
        .machine(machine().on(on::saving(), [act::signal_qa("INT"), act::hang()]))
        .args(["run", "one"])
        .exit_code(130);
    outcome.shows("`qa` gets SIGINT while QEMU hangs in saving");
    assert_eq!(outcome.scenario("one").verdict, Verdict::Cancelled);
    assert!(outcome.checkpoints().is_empty());
}

#[test]
fn ctrl_c_ends_a_restore_that_hangs() {
    let outcome = warm()
        .then()
        .machine(machine().on(on::restoring(), [act::signal_qa("INT"), act::hang()]))
        .args(["run", "one"])
        .exit_code(130);
    assert_eq!(outcome.scenario("one").verdict, Verdict::Cancelled);
    is_clean(&outcome);
}

#[test]
fn a_machine_that_does_not_come_back_is_switched_on_instead() {
    for (how, told) in [
        (act::die(), ""),
        (act::exit(1, "qemu-system-x86_64: bad state\n"), "bad state"),
        (act::fail_migration("no such device"), "no such device"),
    ] {
        let outcome = warm()
            .then()
            .machine(machine().first(on::restoring(), [how]))
            .args(["run", "one"])
            .exit_code(0);
        outcome.shows("a machine cannot be restored from its checkpoint");
        assert_eq!(starts(&outcome, "one"), ["power-on"]);
        assert_eq!(outcome.scenario("one").verdict, Verdict::Passed);
        let reasons = outcome.unusable();
        assert!(
            reasons.len() == 1 && !reasons[0].is_empty() && reasons[0].contains(told),
            "{reasons:?}"
        );
        assert_eq!(outcome.saved(), ["login"], "it is made again");
        is_clean(&outcome);
    }
}

#[test]
fn a_machine_that_never_comes_back_from_where_it_was_saved_is_brought_there_again() {
    // It is switched on twice in one attempt, and does the same both times.
    let never = || {
        Fake::shows(&Screen::of("greeter"))
            .whenever(on::typed("alice\n"), [act::show(&Screen::of("desktop"))])
            .on(on::typed("one"), [act::show(&Screen::of("first"))])
            .on(on::typed("two"), [act::show(&Screen::of("second"))])
            .whenever(on::restoring(), [act::exit(1, "qemu: bad state\n")])
    };
    let first = project()
        .machine(never())
        .args(["run", "one", "two", "--jobs", "1"]);
    let mut outcome = first.exit_code(0);
    for _ in 0..2 {
        for name in ["one", "two"] {
            assert_eq!(outcome.scenario(name).verdict, Verdict::Passed);
            assert_eq!(starts(&outcome, name), ["power-on"]);
        }
        assert_eq!(outcome.journal().typed(), "alice\nalice\nonealice\ntwo");
        let reasons = outcome.unusable();
        assert!(
            reasons.len() == 1 && reasons[0].contains("bad state"),
            "{reasons:?}"
        );
        assert!(outcome.checkpoints().is_empty());
        let next = outcome.then().machine(never());
        outcome = next.args(["run", "one", "two", "--jobs", "1"]).exit_code(0);
    }
}

#[test]
fn a_machine_that_is_lost_after_its_end_was_saved_is_brought_there_again() {
    // What was saved goes away between the end of the machine and the moment in which it becomes a checkpoint.
    let lost = || {
        Fake::shows(&Screen::of("greeter"))
            .whenever(on::typed("alice\n"), [act::show(&Screen::of("desktop"))])
            .on(on::typed("one"), [act::show(&Screen::of("first"))])
            .on(on::typed("two"), [act::show(&Screen::of("second"))])
            .first(on::command("quit"), [act::remove_drafts()])
    };
    let outcome = project()
        .machine(lost())
        .args(["run", "one", "two", "--jobs", "1"])
        .exit_code(0);
    for name in ["one", "two"] {
        assert_eq!(outcome.scenario(name).verdict, Verdict::Passed);
        assert_eq!(starts(&outcome, name), ["power-on"]);
    }
    assert_eq!(outcome.journal().typed(), "alice\nalice\nonealice\ntwo");
    let reasons = outcome.unusable();
    assert!(
        reasons.len() == 1
            && reasons[0].contains("the checkpoint cannot be written to the cache")
            && reasons[0].contains("its stages run again, and it is not saved"),
        "{reasons:?}"
    );
    assert!(
        outcome
            .file("report.html")
            .contains("the checkpoint cannot be written to the cache")
    );
    assert!(outcome.saved().is_empty() && outcome.checkpoints().is_empty());
    // The next run is no worse for it.
    let next = outcome.then().machine(machine()).args(["run", "one"]);
    let next = next.exit_code(0);
    assert_eq!(next.saved(), ["login"]);
    is_clean(&next);
}

#[test]
fn a_scenario_whose_own_end_is_lost_when_it_is_saved_has_held_all_the_same() {
    let outcome = project()
        .machine(machine().first(on::command("quit"), [act::remove_drafts()]))
        .args(["run", "login", "one", "--jobs", "1"])
        .exit_code(0);
    for name in ["login", "one"] {
        assert_eq!(outcome.scenario(name).verdict, Verdict::Passed);
        assert_eq!(starts(&outcome, name), ["power-on"]);
    }
    assert_eq!(outcome.unusable().len(), 1);
    assert!(outcome.checkpoints().is_empty());
}

#[test]
fn a_secret_that_a_step_has_set_is_not_written_down() {
    let qa = qa()
        .project_also("secrets:\n  password: { env: QA_TEST_PASSWORD }\n")
        .scenario(
            "login",
            "image: disk\nsteps:\n  - set: { word: 'x{{ password }}' }\n",
        )
        .scenario(
            "later",
            "image: disk\nafter: login\nvars: { word: none }\nsteps:\n  - type: '{{ word }}'\n",
        )
        .env("QA_TEST_PASSWORD", "battery");
    let outcome = qa.args(["run", "later"]).exit_code(0);
    assert_eq!(outcome.journal().typed(), "xbattery");
    assert!(outcome.checkpoints().is_empty());
    let reasons = outcome.unusable();
    assert!(
        reasons.len() == 1 && reasons[0].contains("`word`") && reasons[0].contains("secret"),
        "{reasons:?}"
    );
}

#[test]
fn a_scenario_whose_machine_was_saved_has_its_last_picture() {
    let outcome = project()
        .machine(machine())
        .args(["run", "login", "one"])
        .exit_code(0);
    for name in ["login", "one"] {
        let scenario = outcome.scenario(name);
        let last = scenario.attempts.last().unwrap().last_frame.clone();
        let file = last.expect("a last picture").file;
        assert!(outcome.run_folder().join(&file).is_file(), "{name}: {file}");
    }
}
