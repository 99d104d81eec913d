//! Looking into a failure: a part of a scenario, and the machine left to a person.

use qa_tests::{Fake, Outcome, Screen, act, on};
use reports::{Event, ExitStatus, StepOutcome, Verdict};

use super::{project, visited};
use crate::qa;

fn notes(outcome: &Outcome) -> Vec<String> {
    let note = |event| match event {
        Event::Note { text, .. } => Some(text),
        _ => None,
    };
    outcome.events().into_iter().filter_map(note).collect()
}

fn vnc(outcome: &Outcome) -> Vec<bool> {
    let has_vnc = |args: &[String]| args.contains(&"-vnc".to_owned());
    outcome
        .journal()
        .starts()
        .iter()
        .copied()
        .map(has_vnc)
        .collect()
}

#[test]
fn until_a_step_the_machine_is_left_to_a_person_and_a_signal_is_no_failure() {
    let outcome = project()
        .machine(visited())
        .args(["run", "s", "--until", "3"])
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
    assert_eq!(outcome.journal().typed(), "abc");
    assert_eq!(vnc(&outcome), [true]);
    let told = notes(&outcome).pop().unwrap();
    assert_eq!(
        told,
        "step 3 is done; the machine runs, and `vncviewer 127.0.0.1:5900` shows its screen; Ctrl-C ends it"
    );
    let finished = outcome.events().into_iter().find_map(|event| match event {
        Event::ScenarioFinished { last_frame, .. } => last_frame,
        _ => None,
    });
    assert!(finished.is_some(), "the last picture is kept");
    let last = outcome.events().pop();
    assert!(
        matches!(
            last,
            Some(Event::RunFinished {
                exit: ExitStatus::Success,
                ..
            })
        ),
        "{last:?}"
    );
}

#[test]
fn a_part_of_a_scenario_is_no_pass_of_it_in_any_report() {
    let outcome = project()
        .machine(visited())
        .args(["run", "s", "--until", "3"])
        .exit_code(0);
    assert!(
        outcome.stdout().contains("up to step 3 only"),
        "{}",
        outcome.stdout()
    );
    for said in [outcome.stdout(), outcome.stderr()] {
        assert!(
            !said.contains("passed in") && !said.contains("1 passed"),
            "{said}"
        );
    }
    assert!(
        outcome.stdout().contains("1 skipped in"),
        "{}",
        outcome.stdout()
    );
    let junit = outcome.file("junit.xml");
    assert!(
        junit.contains(
            "<skipped type=\"partial\" message=\"only a part was run, up to step 3, and it held\"/>"
        ),
        "{junit}"
    );
    assert!(junit.contains("skipped=\"1\""), "{junit}");
    assert!(outcome.file("report.html").contains("(up to step 3 only)"));
}

#[test]
fn inside_a_group_it_ends_after_the_step_too() {
    for (until, typed) in [("2.1", "a"), ("2", "ab"), ("2.2", "ab"), ("1", "")] {
        let outcome = project()
            .machine(visited())
            .args(["run", "s", "--until", until])
            .exit_code(0);
        assert_eq!(outcome.journal().typed(), typed, "{until}");
    }
}

#[test]
fn a_failure_before_that_is_one() {
    let outcome = project()
        .machine(visited())
        .args(["run", "s", "--until", "5", "--no-confirm"])
        .exit_code(1);
    assert_eq!(outcome.verdict("s").0, Verdict::Failed);
    assert!(outcome.file("junit.xml").contains("<failure"));
}

#[test]
fn what_the_person_does_to_the_machine_is_judged_by_nobody() {
    for (acts, news) in [
        (act::reset(), "reset"),
        (act::panic(), "panicked"),
        (act::power_off(), "shutdown"),
    ] {
        let machine = Fake::new().on(on::command("query-vnc"), [acts, act::signal_qa("TERM")]);
        let outcome = project()
            .machine(machine)
            .args(["run", "s", "--until", "1"])
            .exit_code(0);
        assert_eq!(outcome.verdict("s").0, Verdict::Passed, "{news}");
    }
}

#[test]
fn a_machine_that_is_off_is_left_to_nobody() {
    let outcome = qa()
        .steps("s", "- power: cut\n- note: x")
        .args(["run", "s", "--until", "1"])
        .exit_code(0);
    assert_eq!(
        notes(&outcome),
        ["step 1 is done; the machine is off: there is nothing to look at"]
    );
}

#[test]
fn without_a_person_no_screen_is_offered() {
    let outcome = project().args(["run", "s"]).exit_code(1);
    assert_eq!(vnc(&outcome), [false]);
}

#[test]
fn from_a_step_is_told_when_it_is_reached() {
    let outcome = project()
        .machine(Fake::shows(&Screen::of("desktop")))
        .args(["run", "s", "--from", "1"])
        .exit_code(0);
    assert_eq!(notes(&outcome)[0], "step 1 is reached: note one");
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
    assert!(
        !outcome.file("junit.xml").contains("skipped "),
        "all of it was run"
    );
}

#[test]
fn steps_that_are_not_there_are_told_with_the_nearest() {
    for (option, step, message, hint) in [
        (
            "--until",
            "9",
            "error: `s` has no step 9\n",
            "the nearest are 4 `see desktop`, 5 `type \"d\"`",
        ),
        (
            "--from",
            "2.7",
            "error: `s` has no step 2.7\n",
            "the nearest are 2.1 `type \"a\"`, 2.2 `type \"b\"`, 3 `type \"c\"`",
        ),
    ] {
        project()
            .args(["run", "s", option, step])
            .stderr(&format!("{message}  next: {hint}\n"))
            .exit_code(2);
    }
    project()
        .args(["run", "s", "--from", "4", "--until", "2.1"])
        .stderr("error: `--until 2.1` ends before `--from 4` begins\n")
        .exit_code(2);
    project()
        .args(["run", "s", "--from", "third"])
        .stderr_has("steps are numbered 1, 2, 3, and inside the third one 3.1, 3.2")
        .exit_code(2);
}

#[test]
fn a_step_is_one_of_one_scenario() {
    project()
        .steps("t", "- note: x")
        .args(["run", "s", "t", "--from", "1"])
        .stderr_has("`--from` needs exactly one scenario, but 2 are selected")
        .exit_code(2);
}

#[test]
fn resume_needs_a_failure() {
    let passed = project()
        .steps("s", "- note: x")
        .args(["run", "s"])
        .exit_code(0);
    passed
        .then()
        .args(["resume", "latest"])
        .stderr("error: no scenario of run [run] failed: there is nothing to resume\n")
        .exit_code(2);
    passed
        .then()
        .args(["resume", "latest", "s"])
        .stderr("error: `s` did not fail in run [run]: its verdict was passed\n")
        .exit_code(2);
    passed
        .then()
        .args(["resume", "nowhere"])
        .stderr_has("there is no run `nowhere`")
        .exit_code(2);
}

#[test]
fn a_pause_waits_for_nobody_where_nobody_is() {
    let outcome = qa()
        .steps("s", "- pause:\n- pause: look at the icons\n- type: a")
        .args(["run", "s"])
        .exit_code(0);
    assert_eq!(
        notes(&outcome),
        [
            "`pause` is skipped, because this run is not interactive",
            "`pause` is skipped, because this run is not interactive: look at the icons"
        ]
    );
    assert_eq!(vnc(&outcome), [false]);
    let outcomes: Vec<_> = outcome.steps().into_iter().map(|step| step.1).collect();
    assert_eq!(outcomes, [StepOutcome::Passed; 3]);
}
