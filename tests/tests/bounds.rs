//! Whoever talks without end, or grows without end, is cut: reports, logs and memory stay small, and
//! what was left out is told.

use qa_tests::{Fake, act, on};
use reports::{CauseKind, StepOutcome, Verdict};

use crate::{qa, steps};

/// More than any report of these tests may have.
const SMALL: u64 = 700 << 10;

#[test]
fn a_console_without_a_line_end_is_told_in_part_in_every_report() {
    let endless = "x".repeat(1 << 20);
    let outcome = steps("- type: x\n- serial: { regex: never, within: 1s }")
        .machine(Fake::new().on(
            on::typed("x"),
            [act::say("login: "), act::say(&endless), act::say("end")],
        ))
        .exit_code(1);
    assert_eq!(outcome.verdict("s").0, Verdict::Failed);
    let tail = outcome.last_evidence().serial_tail;
    let bytes: usize = tail.iter().map(String::len).sum();
    assert!(bytes <= reports::LONGEST_TEXT, "{bytes}");
    assert!(tail.iter().any(|line| line.ends_with(" bytes left out]")));
    assert!(
        tail.first().unwrap().starts_with("login: xxx") && tail.last().unwrap().ends_with("xend")
    );
    for file in ["events.jsonl", "junit.xml", "report.html"] {
        let size = outcome.run_folder().join(file).metadata().unwrap().len();
        assert!(size < SMALL, "{file}: {size}");
    }
    assert!(outcome.stdout().len() < 200 << 10);
    let log = outcome.run_folder().join("s/serial0.log");
    assert_eq!(
        log.metadata().unwrap().len(),
        (1 << 20) + 10,
        "the raw log has it all"
    );
}

#[test]
fn a_variable_that_doubles_with_every_step_ends_the_run_at_the_step_that_is_too_much() {
    let outcome = qa()
        .scenario(
            "s",
            "image: disk\nvars: { v: x }\nsteps:\n  - each:\n      \
            in: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]\n      \
             steps:\n        - set: { v: \"{{ v }}{{ v }}\" }\n          when: arch == \"x86_64\"\n",
        )
        .args(["run", "s"])
        .exit_code(3);
    let (verdict, cause) = outcome.verdict("s");
    let cause = cause.unwrap();
    assert_eq!(
        (verdict, &cause.kind),
        (Verdict::Error, &CauseKind::Scenario)
    );
    assert_eq!(
        cause.message,
        "the text with the value of `v` would be longer than 1048576 bytes"
    );
    assert_eq!(cause.place.as_deref(), Some("scenarios/s.yaml:7:11"));
    let steps = outcome.steps();
    let passed = steps
        .iter()
        .filter(|(_, outcome, _)| *outcome == StepOutcome::Passed);
    assert_eq!(passed.count(), 20, "{steps:?}");
    assert!(
        outcome
            .run_folder()
            .join("events.jsonl")
            .metadata()
            .unwrap()
            .len()
            < SMALL
    );
}

#[test]
fn a_project_that_grows_beyond_every_use_is_refused_before_a_machine_starts() {
    let mut vars = String::from("vars:\n  v0: \"0123456789\"\n");
    for level in 1..40 {
        let before = level - 1;
        vars.push_str(&format!(
            "  v{level}: \"{{{{ v{before} }}}}{{{{ v{before} }}}}\"\n"
        ));
    }
    let results = {
        let qa = qa()
            .scenario(
                "s",
                &format!("image: disk\n{vars}steps:\n  - type: \"{{{{ v39 }}}}\"\n"),
            )
            .args(["run", "s"])
            .stderr_has("scenarios/s.yaml:19")
            .stderr_has("would be longer than 1048576 bytes")
            .any_stderr();
        let results = qa.root().join("qa-results");
        qa.exit_code(2);
        results
    };
    assert!(!results.exists());
}
