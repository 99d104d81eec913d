//! A history that is made anew is the same as one that was made step by step.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use reports::{Run, StartedFrom, Verdict};

use super::super::scan::UnreadLog;
use super::super::{History, Patience};
use super::sample::{self, Result};

/// Something that happens to the results folder.
#[derive(Debug, Clone)]
enum Change {
    /// A run ends, and takes itself in.
    Ends(u8, Vec<Result>),
    /// A run comes from another host.
    Comes(u8, Vec<Result>),
    /// A run is removed.
    Goes(u8),
    /// The log of a run loses its middle.
    Breaks(u8),
    /// A folder that is no run is put there.
    Foreign(u8),
    /// The history is brought up to date.
    Scan,
}

fn result() -> impl Strategy<Value = Result> {
    let from = prop_oneof![
        Just(StartedFrom::PowerOn),
        Just(StartedFrom::Continued {
            scenario: "login".into()
        }),
        Just(StartedFrom::Checkpoint {
            scenario: "login".into(),
            key: "k".into(),
            saved: "2026-01-01T00:00:00Z".into(),
            age_ms: 1,
            this_run: false,
        }),
    ];
    let parts = (
        proptest::sample::select(vec!["a", "b", "c@i+m"]),
        proptest::sample::select(Verdict::ALL.to_vec()),
        from,
        vec(0_u64..5_000, 0..4),
        0.96..1.0_f64,
        proptest::option::weighted(0.1, Just("up to step 1".to_owned())),
    );
    parts.prop_map(|(name, verdict, from, steps, similarity, part)| {
        let mut result = Result::of(name, verdict).steps(&steps);
        result.from = from;
        result.similarity = similarity;
        result.info.part = part;
        if name.contains('@') {
            result.info.scenario = Some("c".into());
        }
        result
    })
}

fn change() -> impl Strategy<Value = Change> {
    let (run, results) = (0_u8..6, || vec(result(), 0..3));
    prop_oneof![
        3 => (run.clone(), results()).prop_map(|(run, results)| Change::Ends(run, results)),
        2 => (run.clone(), results()).prop_map(|(run, results)| Change::Comes(run, results)),
        1 => run.clone().prop_map(Change::Goes),
        1 => run.clone().prop_map(Change::Breaks),
        1 => run.prop_map(Change::Foreign),
        3 => Just(Change::Scan),
    ]
}

fn open(results: &Path) -> History {
    History::open(results, Patience::Command).unwrap()
}

fn carry_out(results: &Path, change: &Change) {
    let name = |run: &u8| format!("run-{run}");
    let second = |run: &u8| i64::from(*run) % 4;
    match change {
        Change::Ends(run, of) => {
            sample::run(results, &name(run), second(run), of);
            let entries = sample::entries(&name(run), second(run), of);
            open(results)
                .take_in_run(&name(run), &Run::of(&entries))
                .unwrap();
        }
        Change::Comes(run, of) => {
            sample::run(results, &name(run), second(run), of);
        }
        Change::Goes(run) => {
            let _ = fs::remove_dir_all(results.join(name(run))); // It need not be there.
        }
        Change::Breaks(run) => {
            let folder = results.join(name(run));
            if let Ok(text) = fs::read_to_string(folder.join("events.jsonl")) {
                let lines: Vec<&str> = text.lines().collect();
                let broken = [lines[0], lines[lines.len() - 1], ""].join("\n");
                sample::write(&folder, &broken);
            }
        }
        Change::Foreign(run) => {
            let folder = results.join(format!("foreign-{run}"));
            fs::create_dir_all(&folder).unwrap();
            sample::write(&folder, "{\"event\":\"of another program\"}\n");
        }
        Change::Scan => {
            open(results).take_in().unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn made_anew_and_made_step_by_step_are_the_same(changes in vec(change(), 0..14)) {
        let dir = tempfile::tempdir().unwrap();
        for change in &changes {
            carry_out(dir.path(), change);
        }
        let mut kept = open(dir.path());
        kept.take_in().unwrap();
        let mut anew = History::in_memory(dir.path()).unwrap();
        anew.take_in().unwrap();
        prop_assert_eq!(kept.store.dump(), anew.store.dump());
    }
}

#[test]
fn what_has_not_changed_is_not_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let passed = [Result::of("s", Verdict::Passed)];
    sample::run(dir.path(), "one", 1, &passed);
    let two = sample::run(dir.path(), "two", 2, &passed);
    let mut history = open(dir.path());
    let read = |history: &mut History| history.take_in().unwrap().read;
    assert_eq!((read(&mut history), read(&mut history)), (2, 0));
    sample::run(dir.path(), "two", 2, &[Result::of("s", Verdict::Failed)]);
    assert_eq!((read(&mut history), read(&mut history)), (1, 0));
    fs::remove_dir_all(two).unwrap();
    assert_eq!(read(&mut history), 0);
    assert_eq!(history.run_count().unwrap(), 1);
    assert_eq!(read(&mut open(dir.path())), 0, "the file has it");
}

#[test]
fn a_damaged_log_is_told_once_and_the_others_are_taken_in() {
    let dir = tempfile::tempdir().unwrap();
    let passed = [Result::of("s", Verdict::Passed)];
    sample::run(dir.path(), "good", 1, &passed);
    let bad = sample::run(dir.path(), "bad", 2, &passed);
    let text = fs::read_to_string(bad.join("events.jsonl")).unwrap();
    let first = text.lines().next().unwrap();
    sample::write(&bad, &format!("{first}\nno entry\n"));
    let mut history = open(dir.path());
    let unread = history.take_in().unwrap().unread;
    let [UnreadLog { run, why }] = unread.as_slice() else {
        panic!("{unread:?}");
    };
    assert_eq!(run, "bad");
    assert!(
        why.starts_with("line 2 of the event log is not a record"),
        "{why}"
    );
    assert_eq!(history.take_in().unwrap().unread, []);
    assert_eq!(history.run_count().unwrap(), 1);
    sample::write(&bad, &text);
    assert_eq!(history.take_in().unwrap().read, 1);
    assert_eq!(history.run_count().unwrap(), 2);
}

#[test]
fn a_run_that_goes_on_is_taken_in_when_it_has_ended() {
    let dir = tempfile::tempdir().unwrap();
    let now = time::macros::datetime!(2026-11-24 02:03:04 UTC);
    let folder = crate::results::RunFolder::create(dir.path(), now).unwrap();
    sample::run(
        dir.path(),
        folder.name(),
        1,
        &[Result::of("s", Verdict::Passed)],
    );
    let mut history = open(dir.path());
    assert_eq!(history.take_in().unwrap().read, 0);
    drop(folder);
    assert_eq!(history.take_in().unwrap().read, 1);
}
