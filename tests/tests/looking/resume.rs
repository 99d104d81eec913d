//! `qa resume`, and what `--keep` and `--from` save for later.

use qa_tests::{Act, Fake, Outcome, Screen, act, on};
use reports::{Event, Verdict};

use super::{STEPS, project, visited};
use crate::qa;

/// Whether the first machine went on from a saved one.
fn restored(outcome: &Outcome) -> bool {
    outcome.journal().starts()[0].contains(&"-incoming".to_owned())
}

#[test]
fn a_machine_that_was_kept_is_opened_as_it_was_when_its_scenario_failed() {
    let failed = project().args(["run", "s", "--keep"]).exit_code(1);
    assert!(
        failed
            .stdout()
            .contains("next: `qa resume [run] s` opens the machine as it was then"),
        "{}",
        failed.stdout()
    );
    assert_eq!(failed.checkpoints().len(), 1);
    for _ in 0..2 {
        let outcome = failed
            .then()
            .machine(visited())
            .args(["resume", "latest", "s"])
            .exit_code(0);
        assert!(restored(&outcome));
        assert_eq!(outcome.journal().typed(), "", "nothing is run again");
        assert!(
            outcome
                .stderr()
                .contains("step 4 `see desktop` of `s` failed here"),
            "{}",
            outcome.stderr()
        );
    }
    assert_eq!(failed.checkpoints().len(), 1, "it stays for another look");
}

#[test]
fn every_attempt_that_fails_is_kept_by_itself_and_the_one_that_counts_is_opened() {
    let failed = project()
        .args(["run", "s", "--keep", "--retries", "1"])
        .exit_code(1);
    assert_eq!(failed.checkpoints().len(), 2);
    let outcome = failed
        .then()
        .machine(visited())
        .args(["resume", "latest"])
        .exit_code(0);
    assert!(restored(&outcome));
}

#[test]
fn what_holds_is_not_kept_and_neither_is_a_machine_that_is_over() {
    let held = project()
        .machine(Fake::shows(&Screen::of("desktop")))
        .args(["run", "s", "--keep"])
        .exit_code(0);
    assert!(held.checkpoints().is_empty());
    let over = project()
        .machine(Fake::new().on(on::typed("a"), [act::panic()]))
        .args(["run", "s", "--keep"])
        .exit_code(1);
    assert!(over.checkpoints().is_empty());
    assert!(
        over.stderr()
            .contains("the machine was not kept: it is not running any more"),
        "{}",
        over.stderr()
    );
}

/// A machine that answers nothing any more once it is to be kept.
fn hangs_when_kept(also: Option<Act>) -> Fake {
    let acts = also.into_iter().chain([act::hang()]);
    Fake::new().on(on::command("query-migrate"), acts)
}

#[track_caller]
fn is_not_kept(outcome: &Outcome, why: &str) {
    let failed = outcome.scenario("s");
    assert_eq!(failed.verdict, Verdict::Failed, "by its step, as ever");
    assert!(outcome.checkpoints().is_empty());
    let told = format!("the machine was not kept: {why}");
    assert!(outcome.file("events.jsonl").contains(&told), "{told}");
}

#[test]
fn a_machine_that_hangs_is_not_kept_and_changes_no_verdict() {
    let outcome = project()
        .machine(hangs_when_kept(None))
        .args(["run", "s", "--keep"])
        .exit_code(1);
    is_not_kept(&outcome, "QEMU did not answer within 10 s");
}

#[test]
fn ctrl_c_ends_the_keeping_of_a_machine_that_hangs() {
    let outcome = project()
        .machine(hangs_when_kept(Some(act::signal_qa("INT"))))
        .args(["run", "s", "--keep"])
        .exit_code(130);
    is_not_kept(&outcome, "the run was stopped");
}

#[test]
fn a_machine_that_hangs_while_it_is_written_is_given_up_with_ctrl_c() {
    let hangs = Fake::new().on(on::saving(), [act::signal_qa("INT"), act::hang()]);
    let outcome = project()
        .machine(hangs)
        .args(["run", "s", "--keep"])
        .exit_code(130);
    is_not_kept(&outcome, "it was given up");
}

#[test]
fn a_kept_machine_that_is_another_one_now_is_not_opened() {
    let failed = project().args(["run", "s", "--keep"]).exit_code(1);
    let yaml = std::fs::read_to_string(failed.then().root().join("qa.yaml")).unwrap();
    let outcome = failed
        .then()
        .project(&yaml.replace("memory: 64M", "memory: 65M"))
        .machine(visited())
        .args(["resume", "latest"])
        .exit_code(0);
    assert!(!restored(&outcome));
    assert_eq!(outcome.journal().typed(), "abc", "it is run again");
}

#[test]
fn from_a_step_the_second_call_begins_at_the_step_itself() {
    let desktop = || Fake::shows(&Screen::of("desktop"));
    let way = "no checkpoint was saved before step 3: the steps before it run first";
    let first = project()
        .machine(desktop())
        .args(["run", "s", "--from", "3"])
        .exit_code(0);
    assert_eq!(first.journal().typed(), "abcd");
    assert!(first.stderr().contains(way), "{}", first.stderr());
    let second = first
        .then()
        .machine(desktop())
        .args(["run", "s", "--from", "3"])
        .exit_code(0);
    assert_eq!(second.journal().typed(), "cd");
    assert!(!second.stderr().contains(way), "{}", second.stderr());
    // A later step starts there, too, as the nearest.
    let third = second
        .then()
        .machine(desktop())
        .args(["run", "s", "--from", "5"])
        .exit_code(0);
    assert_eq!(third.journal().typed(), "cd");
    assert!(
        third
            .stderr()
            .contains("no checkpoint was saved before step 5")
    );
    // Whole runs are not led there.
    let whole = third
        .then()
        .machine(desktop())
        .args(["run", "s"])
        .exit_code(0);
    assert_eq!(whole.journal().typed(), "abcd");
}

#[test]
fn no_machine_is_saved_before_steps_that_look_back() {
    let outcome = qa()
        .steps("s", "- type: a\n- serial: hello\n")
        .machine(Fake::new().on(on::typed("a"), [act::say("hello\n")]))
        .args(["run", "s", "--from", "2"])
        .exit_code(0);
    assert!(outcome.checkpoints().is_empty());
    let saved = |event: &Event| matches!(event, Event::CheckpointSaved { .. });
    assert!(!outcome.events().iter().any(saved));
}

#[test]
fn resume_goes_to_the_step_that_failed_and_ends_with_evidence_of_its_own() {
    let failed = project().args(["run", "s"]).exit_code(1);
    let run = failed.run_folder();
    let outcome = failed
        .then()
        .machine(visited())
        .args(["resume", "latest"])
        .exit_code(0);
    assert_eq!(outcome.run_folder(), run, "`latest` stays the run");
    let name = run.file_name().unwrap().to_str().unwrap().to_owned();
    let said = outcome.stderr();
    assert!(
        said.contains("step 4 `see desktop` of `s` failed here: the screen "),
        "{said}"
    );
    assert!(said.contains("vncviewer 127.0.0.1:5900"), "{said}");
    assert!(outcome.stdout().contains("up to before step 4 only"));
    let typed: Vec<_> = outcome.journal().typed().chars().collect();
    assert_eq!(typed, ['a', 'b', 'c'], "the same steps as far as there");
    assert!(!name.is_empty());
}

#[test]
fn resume_asks_which_of_several_and_tells_what_was_not_tried() {
    let failed = project()
        .steps("t", "- see: { needle: desktop, within: 20ms }")
        .scenario("u", "image: disk\nafter: t\nsteps:\n  - note: x\n")
        .args(["run", "s", "t", "u"])
        .exit_code(1);
    failed
        .then()
        .args(["resume", "latest"])
        .stderr("error: 2 scenarios of run [run] failed\n  next: name one of `s`, `t`\n")
        .exit_code(2);
    failed
        .then()
        .args(["resume", "latest", "u"])
        .stderr_has("its verdict was skipped: it starts after `t`")
        .exit_code(2);
    failed
        .then()
        .machine(visited())
        .args(["resume", "latest", "t"])
        .exit_code(0);
}

#[test]
fn a_failure_on_the_way_is_resumed_there() {
    let failed = project()
        .steps("t", "- type: q\n- see: { needle: desktop, within: 20ms }")
        .scenario("u", "image: disk\nafter: t\nsteps:\n  - note: x\n")
        .args(["run", "u"])
        .exit_code(1);
    let outcome = failed
        .then()
        .machine(visited())
        .args(["resume", "latest"])
        .exit_code(0);
    assert!(
        outcome
            .stderr()
            .contains("step 2 `see desktop` of `t` failed here"),
        "{}",
        outcome.stderr()
    );
}

#[test]
fn a_scenario_that_has_changed_since_is_told() {
    let failed = project().args(["run", "s"]).exit_code(1);
    let outcome = failed
        .then()
        .steps("s", &format!("- note: new\n{STEPS}"))
        .machine(visited())
        .args(["resume", "latest"])
        .exit_code(0);
    let said = outcome.stderr();
    assert!(
        said.contains(
            "the scenario has changed since: step 4 was `see desktop` at scenarios/s.yaml:10:5, \
            and is `type \"c\"` at"
        ),
        "{said}"
    );
    outcome
        .then()
        .steps("s", "- note: one")
        .args(["resume", "latest"])
        .stderr_has("the scenario has changed since: step 4 was `see desktop`")
        .exit_code(2);
}

#[test]
fn values_of_variables_have_to_be_given_again() {
    let failed = qa()
        .scenario(
            "s",
            "image: disk\nvars: { word: a }\nsteps:\n  - type: '{{ word }}'\n  - assert: 1 == 2\n",
        )
        .args(["run", "s", "--var", "word=b"])
        .exit_code(1);
    failed
        .then()
        .args(["resume", "latest"])
        .stderr(
            "error: the variable `word` was set for this run, but its value was not stored\n  \
            next: give it again: --var word=VALUE\n",
        )
        .exit_code(2);
    let outcome = failed
        .then()
        .machine(visited())
        .args(["resume", "latest", "--var", "word=b"])
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "b");
}
