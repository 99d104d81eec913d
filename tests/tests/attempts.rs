//! Several attempts at one scenario: `--repeat`, their number, and what the reports make of them.

use std::collections::BTreeMap;

use qa_tests::{Fake, Outcome, Screen, act, on};
use reports::{Entry, Event, Run, Verdict};

use crate::qa;

/// Every machine of the run shows it, not only the first.
fn machine() -> Fake {
    Fake::new().whenever(on::start(), [act::show(&Screen::of("desktop"))])
}

fn entries(outcome: &Outcome) -> Vec<Entry> {
    let log = outcome.file("events.jsonl");
    reports::read_log(log.as_bytes()).unwrap().entries
}

#[test]
fn every_repetition_knows_its_number() {
    let outcome = qa()
        .steps("s", "- type: \"echo {{ attempt }}\\n\"")
        .machine(machine())
        .args(["run", "s", "--repeat", "3", "--jobs", "1"])
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "echo 1\necho 2\necho 3\n");
}

#[test]
fn what_is_shared_is_the_first_attempt_for_all() {
    let outcome = qa()
        .steps("login", "- type: \"in {{ attempt }}\\n\"")
        .scenario(
            "s",
            "image: disk\nafter: login\nsteps:\n  - type: \"out {{ attempt }}\\n\"\n",
        )
        .machine(machine())
        .args(["run", "s", "--repeat", "2", "--jobs", "1"])
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "in 1\nout 1\nin 1\nout 2\n");
}

#[test]
fn attempts_side_by_side_are_told_apart_in_the_log_and_on_the_terminal() {
    let outcome = qa()
        .steps(
            "s",
            "- note: \"this is {{ attempt }}\"\n- see: desktop\n\
             - assert: { that: attempt != '2', message: the second }",
        )
        .needles(["desktop"])
        .machine(machine())
        .args(["run", "s", "--repeat", "4", "--jobs", "4"])
        .exit_code(1);
    let entries = entries(&outcome);
    let mut steps: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    for entry in &entries {
        match &entry.event {
            Event::StepFinished { .. } => *steps.entry(entry.envelope.attempt).or_default() += 1,
            Event::Note { text, .. } => {
                let number = entry
                    .envelope
                    .attempt
                    .map(|number| format!("this is {number}"));
                assert_eq!(Some(text), number.as_ref());
            }
            Event::RunStarted { .. } | Event::RunFinished { .. } => {
                assert_eq!(entry.envelope.attempt, None);
            }
            _ => assert!(entry.envelope.attempt.is_some(), "{entry:?}"),
        }
    }
    let expected: BTreeMap<_, _> = (1..=4).map(|number| (Some(number), 3)).collect();
    assert_eq!(steps, expected);
    let run = Run::of(&entries);
    let attempts: Vec<_> = run.scenarios[0]
        .attempts
        .iter()
        .map(|attempt| (attempt.number, attempt.verdict, attempt.steps().count()))
        .collect();
    assert_eq!(
        attempts,
        [
            (1, Verdict::Passed, 3),
            (2, Verdict::Failed, 3),
            (3, Verdict::Passed, 3),
            (4, Verdict::Passed, 3),
        ]
    );
    assert_eq!(run.scenarios[0].verdict, Verdict::Flaky);
    for number in 1..=4 {
        let line = format!("s#{number}: note: this is {number}\n");
        assert!(outcome.stderr().contains(&line), "{}", outcome.stderr());
    }
    // A gate that reads JUnit comes to what the exit status says.
    let junit = outcome.file("junit.xml");
    assert_eq!(junit.matches("<failure ").count(), 1, "{junit}");
}

#[test]
fn a_flaky_scenario_that_may_pass_is_no_failure_anywhere() {
    let outcome = qa()
        .steps("s", "- assert: attempt != '2'")
        .machine(machine())
        .args(["run", "s", "--repeat", "2", "--flaky", "pass"])
        .exit_code(0);
    let junit = outcome.file("junit.xml");
    assert_eq!(junit.matches("<failure ").count(), 0, "{junit}");
    assert_eq!(junit.matches("<flakyFailure ").count(), 1, "{junit}");
}
