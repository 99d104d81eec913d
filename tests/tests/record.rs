//! `note`, `soft_fail`, workaround needles.

use qa_tests::{Badge, Fake, Screen};
use reports::{CauseKind, Event, Verdict};

use crate::steps;

#[test]
fn a_note_is_in_the_log() {
    let outcome = steps("- note: the cat sat on it").exit_code(0);
    let noted = outcome
        .events()
        .into_iter()
        .any(|event| matches!(event, Event::Note { text, .. } if text == "the cat sat on it"));
    assert!(noted);
}

#[test]
fn a_soft_failure_does_not_gate_but_shows() {
    let outcome = steps(
        "- soft_fail: { reason: the icon is blurred, ticket: 'gtk#17', expires: 2999-01-01 }",
    )
    .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::SoftFailed);
    assert!(outcome.file("events.jsonl").contains("gtk#17"));
}

#[test]
fn an_excuse_that_has_expired_fails() {
    let outcome = steps(
        "- soft_fail: { reason: the icon is blurred, ticket: 'gtk#17', expires: 2020-01-01 }",
    )
    .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Assertion);
    assert!(cause.message.contains("2020-01-01"), "{cause:?}");
}

#[test]
fn a_workaround_needle_makes_a_soft_failure() {
    let mut json = Badge::of("login").needle();
    json["properties"] =
        serde_json::json!([{"name": "workaround", "value": "bsc#1234: wrong font"}]);
    // Whatever looks for it, and once however many do.
    for step in [
        "- see: login",
        "- click: login",
        "- press: { keys: a, until: login }",
        "- see: login\n- click: login",
    ] {
        let outcome = steps(step)
            .needles(["login"])
            .file("needles/login.json", json.to_string())
            .machine(Fake::shows(&Screen::of("login")))
            .exit_code(0);
        assert_eq!(outcome.verdict("s").0, Verdict::SoftFailed, "{step}");
        let log = outcome.file("events.jsonl");
        let told = log.lines().filter(|line| line.contains("soft-failure"));
        let told = told.filter(|line| line.contains("bsc#1234: wrong font"));
        assert_eq!(told.count(), 1, "{step}: {log}");
    }
}
