//! The result of a run for the log of a GitLab job.

use reports::console::{SummaryStyle, summary};
use reports::{Run, gitlab};

use crate::hostile_text::everywhere;
use crate::sample::{RUNS, log_of};

const STYLE: SummaryStyle<'_> = SummaryStyle {
    colour: false,
    width: 100,
    rows: None,
    report: Some("qa-results/20261124-020304/report.html"),
};

/// Parts a log at its markers, as GitLab does. Returns the names of the sections, and all text without markers.
pub(crate) fn read(log: &str) -> (Vec<String>, String) {
    let (mut sections, mut open, mut text) = (Vec::new(), None, String::new());
    let mut rest = log;
    while let Some(at) = rest.find("section_") {
        let (before, found) = rest.split_at(at);
        let marker = found
            .split_once("\r\x1b[0K")
            .map(|(marker, after)| (marker.to_owned(), after));
        let Some((marker, after)) = marker.filter(|_| before.ends_with("\x1b[0K")) else {
            text.push_str(before);
            text.push_str("section_");
            rest = &found["section_".len()..];
            continue;
        };
        text.push_str(before.trim_end_matches("\x1b[0K"));
        let mut parts = marker.splitn(3, ':');
        let (kind, time, name) = (parts.next(), parts.next(), parts.next());
        let time: u64 = time.expect("a time").parse().expect("a number");
        match (kind, name) {
            (Some("section_start"), Some(name)) => {
                let name = name.strip_suffix("[collapsed=true]").expect("it is closed");
                assert!(open.is_none(), "a section in a section");
                open = Some((name.to_owned(), time));
            }
            (Some("section_end"), Some(name)) => {
                let (opened, began) = open.take().expect("an open section");
                assert!(opened == name && began <= time, "{opened} ends as {name}");
                sections.push(opened);
            }
            other => panic!("no marker: {other:?}"),
        }
        rest = after;
    }
    assert!(open.is_none(), "a section does not end");
    text.push_str(rest);
    (sections, text)
}

#[test]
fn every_run_has_its_log() {
    for name in RUNS {
        let log = gitlab(&Run::of(&log_of(name)), STYLE);
        read(&log);
        let shown = log.replace('\x1b', "\\e").replace('\r', "\\r");
        insta::assert_snapshot!(format!("gitlab_{name}"), shown);
    }
}

#[test]
fn what_did_not_hold_has_a_section_and_nothing_of_the_summary_is_missing() {
    for (name, sections) in [
        ("passed", &[][..]),
        ("soft-failed", &[]),
        ("cancelled", &[]),
        ("skipped", &[]),
        ("failed-look", &["qa-1-gnome-login"]),
        ("flaky", &["qa-1-gnome-login"]),
        ("cut-short", &["qa-1-gnome-login", "qa-2-gnome-calculator"]),
    ] {
        let run = Run::of(&log_of(name));
        let (found, text) = read(&gitlab(&run, STYLE));
        assert_eq!(found, sections, "{name}");
        let missing = |line: &&str| !line.contains(": ") && !text.contains(*line);
        let missing: Vec<_> = summary(&run, STYLE)
            .lines()
            .filter(missing)
            .map(str::to_owned)
            .collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

#[test]
fn the_time_of_a_section_is_that_of_its_scenario() {
    let log = gitlab(&Run::of(&log_of("failed-look")), STYLE);
    // 2026-11-24T02:03:04Z, and four minutes and six seconds later.
    assert!(log.contains("section_start:1795485784:"), "{log}");
    assert!(log.contains("section_end:1795486030:"), "{log}");
}

#[test]
fn a_guest_can_neither_open_nor_close_a_section() {
    let nasty = "x\x1b[0Ksection_end:1:qa-1-x\r\x1b[0K\nsection_start:1:y\r\x1b[0K\n\x1b[0Ksection_start:1:z\r\x1b[0Kz";
    let log = gitlab(&Run::of(&everywhere(nasty, 1, 0.5)), STYLE);
    let (sections, _) = read(&log);
    assert_eq!(sections.len(), 1, "{log}");
    // Two markers, each with two escape characters and a carriage return.
    assert_eq!(log.matches('\x1b').count(), 4);
    assert_eq!(log.matches('\r').count(), 2);
}
