//! Logs of older formats give the reports that they always gave.
//!
//! `logs/format-1` and `logs/format-2` were written by the `qa` of that time. `engine-*` are of real runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use reports::console::{SummaryStyle, summary};
use reports::{Entry, Event, FORMAT, MachineNews, ResetKind, Run, html, junit, read_log};

use crate::html::content;
use crate::sample::{RUNS, log_of};

fn folder(format: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/reports/logs/format-{format}"))
}

/// The logs of a format, by name.
fn logs(format: u32) -> BTreeMap<String, Vec<Entry>> {
    let folder = fs::read_dir(folder(format)).expect("a folder");
    let logs = folder.map(|file| {
        let path = file.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let log = read_log(&fs::read(&path).expect("a file")).expect(&name);
        assert_eq!(log.torn_line, None, "{name}");
        (name.into_owned(), log.entries)
    });
    logs.collect()
}

/// The reports of a run, each with its name.
fn reports(entries: &[Entry]) -> [(&'static str, String); 3] {
    let run = Run::of(entries);
    let style = SummaryStyle {
        colour: false,
        width: 100,
        rows: None,
        report: Some("qa-results/20261124-020304/report.html"),
    };
    [
        ("console", summary(&run, style)),
        (
            "html",
            content(&html(&run, &reports::Earlier::default()).expect("a page")),
        ),
        ("junit", junit(&run, "qa-results/20261124-020304")),
    ]
}

/// These runs have become others since format 1.
const CHANGED_SINCE_1: [&str; 2] = ["disagreement", "watch-breach"];

#[test]
fn every_log_of_an_older_format_gives_the_same_reports_as_before() {
    for format in [1, 2] {
        let logs = logs(format);
        assert!(logs.len() > 14, "format {format}");
        for (name, entries) in logs {
            let is_as_today = RUNS.contains(&name.as_str())
                && !(format == 1 && CHANGED_SINCE_1.contains(&name.as_str()));
            for (kind, report) in reports(&entries) {
                if is_as_today {
                    // Whose reports are snapshots.
                    let today = reports(&log_of(&name));
                    let (_, today) = today.iter().find(|(of, _)| *of == kind).expect("a report");
                    assert_eq!(report, *today, "{kind} of {name}, format {format}");
                } else {
                    insta::assert_snapshot!(format!("{format}_{name}_{kind}"), report);
                }
            }
        }
    }
}

#[test]
fn an_older_log_is_read_as_the_present_format_would_have_written_it() {
    for format in [1, 2] {
        for (name, entries) in logs(format) {
            let today = match RUNS.contains(&name.as_str()) {
                true => log_of(&name),
                false => Vec::new(),
            };
            if today.len() == entries.len() && !CHANGED_SINCE_1.contains(&name.as_str()) {
                for (old, new) in entries.iter().zip(&today) {
                    assert_eq!(old.envelope, new.envelope, "{name}, format {format}");
                }
            }
            let text: String = entries
                .iter()
                .map(|entry| serde_json::to_string(entry).expect("an entry is JSON") + "\n")
                .collect();
            let again = read_log(text.as_bytes()).expect(&name);
            assert_eq!(again.entries, entries, "{name}, format {format}");
            assert!(text.starts_with(r#"{"seq":0,"at_ms":0,"host":"builder-7""#));
            assert!(text.contains(&format!("\"format\":{FORMAT}")));
        }
    }
}

fn of_format(format: u32, lines: &[&str]) -> Vec<Entry> {
    let mut text = format!(
        "{{\"seq\":0,\"at_ms\":0,\"event\":\"run-started\",\"format\":{format},\"version\":\"0.1.0\",\"run\":\"r\",\
         \"started\":\"2026-11-24T02:03:04Z\",\"command\":[],\"host\":{{\"name\":\"h\",\"os\":\"\",\"cores\":1,\
         \"memory_mib\":1}},\"scenarios\":[]}}\n"
    );
    for (seq, line) in (1..).zip(lines) {
        text.push_str(&format!("{{\"seq\":{seq},\"at_ms\":{seq},{line}}}\n"));
    }
    read_log(text.as_bytes()).expect("a log").entries
}

#[test]
fn lines_of_format_1_belong_to_the_attempt_that_runs() {
    let entries = of_format(
        1,
        &[
            r#""event":"checkpoint-unusable","scenario":"a","stage":"login","reason":"r""#,
            r#""event":"scenario-started","scenario":"a","attempt":2,"from":"power-on""#,
            r#""event":"note","scenario":"a","text":"t""#,
            r#""event":"note","scenario":"","text":"of the run""#,
            r#""event":"scenario-finished","scenario":"a","attempt":2,"verdict":"passed","cause":null,"duration_ms":1,
              "last_frame":null,"files":[]"#
                .replace('\n', "")
                .as_str(),
            r#""event":"checkpoint-disagreed","scenario":"a","stage":"login","key":"k""#,
        ],
    );
    let about: Vec<_> = entries
        .iter()
        .map(|entry| (entry.scenario(), entry.envelope.attempt))
        .collect();
    assert_eq!(
        about,
        [
            (None, None),
            (Some("a"), None),
            (Some("a"), Some(2)),
            (Some("a"), Some(2)),
            (None, None),
            (Some("a"), Some(2)),
            (Some("a"), None),
        ]
    );
    let blamed = Event::CheckpointBlamed {
        stage: "login".into(),
        key: "k".into(),
    };
    assert_eq!(entries.last().expect("a line").event, blamed);
}

#[test]
fn resets_of_before_there_were_reasons_are_told_by_who_did_it() {
    let reset = |rest: &str| {
        let line = format!(
            "\"event\":\"machine\",\"scenario\":\"a\",\"what\":{{\"kind\":\"reset\",\"expected\":true,{rest}}}"
        );
        match &of_format(2, &[&line])[1].event {
            Event::Machine {
                what: MachineNews::Reset { kind, .. },
            } => *kind,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reset(r#""by":"guest""#), ResetKind::Guest);
    assert_eq!(reset(r#""by":"host""#), ResetKind::Host);
    assert_eq!(
        reset(r#""by":"guest","reset":"watchdog""#),
        ResetKind::Watchdog
    );
}
