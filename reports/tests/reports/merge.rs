//! Logs of several hosts become one.

use std::collections::BTreeMap;

use proptest::prelude::*;
use reports::{
    Entry, Event, ExitStatus, Host, Log, MergeError, Overlap, Run, Verdict, html, junit, read_log,
};

use crate::sample::{Writer, random};

/// A log of a part of a run, as written by a host whose clock showed this time.
fn part(mut entries: Vec<Entry>, name: &str, time: &str) -> Log {
    for entry in &mut entries {
        name.clone_into(&mut entry.envelope.host);
        if let Event::RunStarted {
            run,
            started,
            hosts,
            ..
        } = &mut entry.event
        {
            *run = format!("run-of-{name}");
            *started = format!("2026-11-24T{time}Z");
            *hosts = vec![Host {
                name: name.to_owned(),
                os: "Debian".to_owned(),
                cores: 2,
                memory_mib: 1_024,
            }];
        }
    }
    Log {
        entries,
        torn_line: None,
    }
}

fn passes(scenario: &str, verdict: Verdict, exit: ExitStatus) -> Vec<Entry> {
    let mut log = Writer::new(&[(scenario, "", &[])]);
    log.begin(scenario, 1, None)
        .stage(scenario, 1)
        .held("1", "see x", 700);
    let cause = (verdict != Verdict::Passed)
        .then(|| log.cause(reports::CauseKind::Assertion, "1", "it is not so", &[]));
    log.finish(verdict, cause);
    log.run_finished(exit)
}

fn two() -> [Log; 2] {
    [
        part(
            passes("editor", Verdict::Failed, ExitStatus::Failed),
            "builder-8",
            "02:03:05.500",
        ),
        part(
            passes("login", Verdict::Passed, ExitStatus::Success),
            "builder-7",
            "02:03:04",
        ),
    ]
}

#[test]
fn one_run_has_the_parts_of_all_hosts_on_one_clock() {
    let log = Log::merge(two().to_vec()).expect("a log");
    let told: Vec<_> = log
        .entries
        .iter()
        .map(|entry| {
            (
                entry.envelope.at_ms,
                entry.envelope.host.as_str(),
                entry.scenario(),
            )
        })
        .collect();
    let (first, second) = ("builder-7", "builder-8");
    let (login, editor) = (Some("login"), Some("editor"));
    assert_eq!(
        told,
        [
            (0, first, None),
            (0, first, login),
            (0, first, login),
            (0, first, login),
            (700, first, login),
            (1_100, first, login),
            (1_220, first, None),
            (1_500, second, editor),
            (1_500, second, editor),
            (1_500, second, editor),
            (2_200, second, editor),
            (2_600, second, editor),
            (2_720, second, None),
        ]
    );
    let run = Run::of(&log.entries);
    let hosts: Vec<_> = run.hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(hosts, [first, second]);
    let judged: Vec<_> = run
        .scenarios
        .iter()
        .map(|scenario| {
            (
                scenario.info.name.as_str(),
                scenario.verdict,
                scenario.attempts[0].host.as_str(),
            )
        })
        .collect();
    assert_eq!(
        judged,
        [
            ("login", Verdict::Passed, first),
            ("editor", Verdict::Failed, second)
        ]
    );
    assert_eq!(run.exit(), ExitStatus::Failed);
    assert_eq!(run.duration_ms(), 2_720);
    assert!(!run.is_cut_short());
}

#[test]
fn a_merged_log_is_a_log() {
    let log = Log::merge(two().to_vec()).expect("a log");
    let lines = log
        .entries
        .iter()
        .map(|entry| serde_json::to_string(entry).expect("JSON") + "\n");
    let read = read_log(lines.collect::<String>().as_bytes()).expect("a log");
    assert_eq!(read, log);
    // And can be merged with another part.
    let third = part(
        passes("files", Verdict::Passed, ExitStatus::Success),
        "builder-9",
        "02:04:00",
    );
    let all = Log::merge(vec![third.clone(), log]).expect("a log");
    let [a, b] = two();
    assert_eq!(all, Log::merge(vec![a, third, b]).expect("a log"));
}

#[test]
fn reports_of_a_merged_log_say_which_host_ran_what() {
    let run = Run::of(&Log::merge(two().to_vec()).expect("a log").entries);
    let xml = junit(&run, "");
    for part in [
        "hostname=\"builder-7, builder-8\"",
        "<property name=\"hosts\" value=\"builder-7, builder-8\"/>",
        "<property name=\"host.login\" value=\"builder-7\"/>",
        "<property name=\"host.editor\" value=\"builder-8\"/>",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    let page = html(&run, &reports::Earlier::default()).expect("a page");
    assert!(page.contains("<dd>builder-7, builder-8</dd>"));
    assert!(page.contains("<dt>host</dt><dd>builder-8</dd>"));
}

#[test]
fn a_part_that_stops_early_says_nothing_about_the_others() {
    let mut log = Writer::new(&[("slow", "", &[]), ("never", "", &[])]);
    log.begin("slow", 1, None)
        .stage("slow", 1)
        .start("1", "see x", None);
    let killed = part(log.killed(), "builder-9", "02:03:00");
    let stopped = part(
        Writer::new(&[("later", "", &[])]).run_finished(ExitStatus::Cancelled),
        "builder-6",
        "02:03:00",
    );
    let [failed, passed] = two();
    let merged = Log::merge(vec![killed, stopped, failed, passed]).expect("a log");
    let run = Run::of(&merged.entries);
    let verdicts: BTreeMap<_, _> = run
        .scenarios
        .iter()
        .map(|scenario| (scenario.info.name.as_str(), scenario.verdict))
        .collect();
    assert_eq!(
        verdicts,
        BTreeMap::from([
            ("slow", Verdict::Error),
            ("never", Verdict::Error),
            ("later", Verdict::Cancelled),
            ("editor", Verdict::Failed),
            ("login", Verdict::Passed),
        ])
    );
    assert!(run.is_cut_short());
}

#[test]
fn what_cannot_be_merged_is_named() {
    assert_eq!(Log::merge(Vec::new()), Err(MergeError::Nothing));
    let [editor, login] = two();
    let again = part(
        passes("login", Verdict::Failed, ExitStatus::Failed),
        "builder-9",
        "02:03:05",
    );
    let error = Log::merge(vec![again, editor.clone(), login.clone()]).expect_err("twice");
    assert_eq!(
        error,
        MergeError::Overlap(vec![Overlap {
            scenario: "login".into(),
            logs: vec![
                "run run-of-builder-7 on builder-7".into(),
                "run run-of-builder-9 on builder-9".into()
            ],
        }])
    );
    assert_eq!(
        error.to_string(),
        "some scenarios are in several event logs, but only one result of each can count: `login` is in run \
         run-of-builder-7 on builder-7 and run run-of-builder-9 on builder-9"
    );
    let timeless = part(login.entries.clone(), "builder-7", "25:00:00");
    assert_eq!(
        Log::merge(vec![timeless]).expect_err("no time").to_string(),
        "run run-of-builder-7 on builder-7 began at `2026-11-24T25:00:00Z`, which is not a time: its events cannot be \
         put in order"
    );
    let headless = Log {
        entries: login.entries[1..].to_vec(),
        torn_line: None,
    };
    assert_eq!(
        Log::merge(vec![editor.clone(), headless]).expect_err("no beginning"),
        MergeError::NoBeginning { number: 2, all: 2 }
    );
    let mut other = login;
    if let Event::RunStarted { matrix, .. } = &mut other.entries[0].event {
        *matrix = Some("nightly".into());
    }
    let error = Log::merge(vec![editor, other]).expect_err("another matrix");
    assert_eq!(
        error.to_string(),
        "run run-of-builder-7 on builder-7 and run run-of-builder-8 on builder-8 are not parts of one run: they \
         differ in the matrix"
    );
}

/// All that a report says of the scenarios, without times.
fn judged(entries: &[Entry]) -> BTreeMap<String, String> {
    let run = Run::of(entries);
    let of = |scenario: &reports::Scenario| {
        let attempts = scenario.attempts.iter();
        let attempts: Vec<_> = attempts
            .map(|attempt| {
                (
                    attempt.number,
                    attempt.verdict,
                    attempt.steps().count(),
                    &attempt.host,
                )
            })
            .collect();
        format!(
            "{:?} {:?} {:?} {attempts:?}",
            scenario.verdict, scenario.cause, scenario.findings
        )
    };
    run.scenarios
        .iter()
        .map(|scenario| (scenario.info.name.clone(), of(scenario)))
        .collect()
}

/// An event without the times that count from the begin of its log.
fn timeless(event: &Event) -> Event {
    let mut event = event.clone();
    match &mut event {
        Event::Shot { shown_ms: time, .. }
        | Event::Input { done_ms: time, .. }
        | Event::RunFinished {
            duration_ms: time, ..
        } => *time = 0,
        _ => {}
    }
    if let Event::RunFinished { scenarios, .. } = &mut event {
        *scenarios = None;
    }
    event
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_is_lost_or_judged_otherwise_and_the_order_of_the_logs_does_not_matter(
        a in random::log(&["a", "b"]),
        b in random::log(&["c"]),
        c in random::log(&["d", "e"]),
    ) {
        let logs = [
            part(a, "one", "02:03:04.250"),
            part(b, "two", "02:03:04"),
            part(c, "three", "02:03:04.250"),
        ];
        let [one, two, three] = &logs;
        let merged = Log::merge(logs.to_vec()).expect("a log");
        let other_way = Log::merge(vec![three.clone(), one.clone(), two.clone()]).expect("a log");
        prop_assert_eq!(&merged, &other_way);
        for (seq, entry) in (0..).zip(&merged.entries) {
            prop_assert_eq!(entry.envelope.seq, seq);
        }
        prop_assert!(merged.entries.is_sorted_by_key(|entry| entry.envelope.at_ms));
        for log in &logs {
            let host = log.entries[0].envelope.host.as_str();
            let own: Vec<_> = merged.entries[1..]
                .iter()
                .filter(|entry| entry.envelope.host == host)
                .collect();
            prop_assert_eq!(own.len(), log.entries.len() - 1);
            for (merged, own) in own.iter().zip(&log.entries[1..]) {
                prop_assert_eq!(&merged.envelope.scenario, &own.envelope.scenario);
                prop_assert_eq!(&merged.envelope.attempt, &own.envelope.attempt);
                prop_assert_eq!(timeless(&merged.event), timeless(&own.event));
            }
        }
        let mut apart: BTreeMap<String, String> = BTreeMap::new();
        for log in &logs {
            apart.extend(judged(&log.entries));
        }
        prop_assert_eq!(judged(&merged.entries), apart);
    }
}
