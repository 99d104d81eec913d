//! A log cut to one scenario.

use proptest::prelude::*;
use reports::{Entry, Event, ExitStatus, FORMAT, Log, Run, StartedFrom, Verdict, read_log};

use crate::sample::{Writer, log_of, random};

fn log(entries: Vec<Entry>) -> Log {
    Log {
        entries,
        torn_line: None,
    }
}

fn cut(entries: Vec<Entry>, name: &str) -> Vec<Entry> {
    let cut = log(entries).of_scenario(name);
    cut.expect("the scenario").entries
}

fn names(entries: &[Entry]) -> Vec<String> {
    let run = Run::of(entries);
    run.scenarios.into_iter().map(|of| of.info.name).collect()
}

/// Reads the cut log as it would be written.
fn written_and_read(entries: &[Entry]) -> Log {
    let lines = entries
        .iter()
        .map(|entry| serde_json::to_string(entry).expect("JSON"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    read_log(text.as_bytes()).expect("a log")
}

/// Three scenarios: `editor` goes on with the machine of `login`, and `other` fails.
fn three() -> Vec<Entry> {
    let mut log = Writer::new(&[
        ("login", "", &[]),
        ("editor", "", &["login"]),
        ("other", "", &[]),
    ]);
    log.begin("login", 1, None).stage("login", 1);
    log.held("1", "see x", 700).finish(Verdict::Passed, None);
    log.begin("editor", 1, Some("login")).stage("editor", 1);
    log.held("1", "see y", 700).finish(Verdict::Passed, None);
    log.begin("other", 1, None).stage("other", 1);
    let cause = log.cause(reports::CauseKind::Assertion, "1", "it is not so", &[]);
    log.finish(Verdict::Failed, Some(cause));
    log.run_finished(ExitStatus::Failed)
}

#[test]
fn a_cut_log_has_the_scenario_and_what_it_stands_on() {
    for (name, kept) in [
        ("login", vec!["login"]),
        ("editor", vec!["login", "editor"]),
        ("other", vec!["other"]),
    ] {
        let entries = cut(three(), name);
        assert_eq!(names(&entries), kept);
        let read = written_and_read(&entries);
        assert_eq!(read.entries, entries);
    }
    assert_eq!(log(three()).of_scenario("nobody"), None);
}

#[test]
fn its_results_are_those_of_the_run_and_its_exit_status_is_its_own() {
    let whole = Run::of(&three());
    let run = Run::of(&cut(three(), "editor"));
    assert_eq!(run.scenarios[1].attempts, whole.scenarios[1].attempts);
    assert_eq!(run.exit(), ExitStatus::Success);
    assert_eq!(
        run.notes,
        ["this is a part of the run: another scenario was left out of the log"]
    );
    assert_eq!(Run::of(&cut(three(), "other")).exit(), ExitStatus::Failed);
}

#[test]
fn a_run_that_was_killed_stays_cut_short() {
    let mut entries = three();
    entries.pop();
    assert!(Run::of(&cut(entries, "other")).is_cut_short());
}

#[test]
fn in_a_matrix_only_the_own_cell_is_kept() {
    let entries = log_of("matrix");
    let name = names(&entries).pop().expect("a scenario");
    let kept = names(&cut(entries, &name));
    let cell = |name: &str| name.split_once('@').map(|(_, cell)| cell.to_owned());
    assert!(
        kept.iter().all(|other| cell(other) == cell(&name)),
        "{kept:?}"
    );
}

#[test]
fn a_log_of_an_older_format_becomes_one_of_this_format() {
    let mut entries = three();
    if let Event::RunStarted { format, .. } = &mut entries[0].event {
        *format = 1;
    }
    let entries = cut(entries, "login");
    let Event::RunStarted { format, .. } = &entries[0].event else {
        panic!("no beginning");
    };
    assert_eq!(*format, FORMAT);
}

#[test]
fn a_checkpoint_of_the_same_run_is_followed_and_one_of_another_run_is_not() {
    for (this_run, kept) in [(true, vec!["login", "editor"]), (false, vec!["editor"])] {
        let mut log = Writer::new(&[("login", "", &[]), ("editor", "", &["login"])]);
        log.begin("login", 1, None).stage("login", 1);
        log.finish(Verdict::Passed, None);
        let from = StartedFrom::Checkpoint {
            scenario: "login".into(),
            key: "k".into(),
            saved: "2026-11-24T02:03:04Z".into(),
            age_ms: 1,
            this_run,
        };
        log.begin_from("editor", 1, from).stage("editor", 1);
        log.finish(Verdict::Passed, None);
        let entries = log.run_finished(ExitStatus::Success);
        assert_eq!(names(&cut(entries, "editor")), kept);
    }
}

proptest! {
    #[test]
    fn a_cut_log_of_any_run_is_read_again_and_has_the_same_attempts(
        entries in random::log(&["a", "b", "c"])
    ) {
        let whole = Run::of(&entries);
        for scenario in &whole.scenarios {
            let entries = cut(entries.clone(), &scenario.info.name);
            prop_assert_eq!(&written_and_read(&entries).entries, &entries);
            let run = Run::of(&entries);
            prop_assert_eq!(run.scenarios.len(), 1);
            // The log of a killed run ends earlier for the scenario than for the run.
            if !whole.is_cut_short() {
                prop_assert_eq!(&run.scenarios[0].attempts, &scenario.attempts);
                prop_assert_eq!(run.scenarios[0].verdict, scenario.verdict);
            }
        }
    }
}
