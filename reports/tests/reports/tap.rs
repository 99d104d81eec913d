//! TAP, read back strictly.

use reports::{Run, Verdict, tap};

use crate::sample::{RUNS, log_of};

const FOLDER: &str = "qa-results/20261124-020304";

/// A test point.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) ok: bool,
    pub(crate) name: String,
    /// `TODO` or `SKIP`, and the reason.
    pub(crate) directive: Option<(String, String)>,
    /// The lines of its diagnostics.
    pub(crate) yaml: Vec<String>,
}

/// Reads a stream, and returns its points and its `Bail out!`. Panics where a line is none of version 14.
pub(crate) fn read(stream: &str) -> (Vec<Point>, Option<String>) {
    let mut lines = stream.split('\n');
    assert_eq!(lines.next(), Some("TAP version 14"));
    assert_eq!(lines.next_back(), Some(""), "a stream ends with a line end");
    let (mut points, mut plan, mut bail) = (Vec::<Point>::new(), None, None);
    while let Some(line) = lines.next() {
        assert!(bail.is_none(), "after the end: {line}");
        if let Some(count) = line.strip_prefix("1..") {
            let count = count.split(' ').next().expect("a number");
            plan = Some(count.parse::<usize>().expect("a number"));
        } else if let Some(reason) = line.strip_prefix("Bail out! ") {
            bail = Some(reason.to_owned());
        } else if line == "  ---" {
            let point = points.last_mut().expect("a point before");
            assert!(point.yaml.is_empty(), "a second block");
            point.yaml = lines
                .by_ref()
                .take_while(|line| *line != "  ...")
                .map(str::to_owned)
                .collect();
            check_yaml(&point.yaml);
        } else if !line.starts_with("# ") {
            points.push(point(line, points.len() + 1));
        }
    }
    assert_eq!(plan, Some(points.len()), "the plan is met");
    (points, bail)
}

fn point(line: &str, number: usize) -> Point {
    let (ok, rest) = match line.strip_prefix("not ") {
        Some(rest) => (false, rest),
        None => (true, line),
    };
    let begin = format!("ok {number} -");
    let rest = rest
        .strip_prefix(&begin)
        .unwrap_or_else(|| panic!("no point: {line}"));
    assert!(!rest.ends_with('{'), "a subtest begins: {line}");
    let (name, directive) = split(rest);
    let directive = directive.map(|text| {
        let (word, reason) = text.split_once(' ').unwrap_or((&text, ""));
        assert!(["TODO", "SKIP"].contains(&word), "{line}");
        (word.to_owned(), reason.to_owned())
    });
    Point {
        ok,
        name: name.trim().to_owned(),
        directive,
        yaml: Vec::new(),
    }
}

/// Returns the description and the directive, without their escapes.
fn split(text: &str) -> (String, Option<String>) {
    let (mut parts, mut rest) = (vec![String::new()], text.chars());
    while let Some(c) = rest.next() {
        let last = parts.last_mut().expect("a part");
        match c {
            '\\' => last.push(rest.next().expect("a character after a backslash")),
            '#' => parts.push(String::new()),
            c => last.push(c),
        }
    }
    assert!(parts.len() < 3, "two directives: {text}");
    let mut parts = parts.into_iter();
    let name = parts.next().unwrap_or_default();
    (name, parts.next().map(|part| part.trim().to_owned()))
}

/// Panics unless every line is a key, or an item of a list, and every text is a string of JSON.
fn check_yaml(lines: &[String]) {
    for line in lines {
        let text = line.strip_prefix("  ").expect("two spaces").trim_start();
        let value = match text.strip_prefix("- ") {
            Some(item) => item,
            None => {
                let (key, value) = text.split_once(':').expect("a key");
                let is_of_key = |c: char| c.is_ascii_lowercase() || c == '_';
                assert!(key.chars().all(is_of_key), "{line}");
                value
            }
        };
        if !value.trim().is_empty() {
            assert!(value.parse::<serde_json::Value>().is_ok(), "{line}");
        }
    }
}

#[test]
fn every_run_has_its_stream() {
    for name in RUNS {
        let run = Run::of(&log_of(name));
        let stream = tap(&run, FOLDER);
        let (points, _) = read(&stream);
        assert_eq!(points.len(), run.scenarios.len(), "{name}");
        insta::assert_snapshot!(format!("tap_{name}"), stream);
    }
}

#[test]
fn verdicts_become_points_and_directives() {
    for (name, ok, directive) in [
        ("passed", true, None),
        ("flaky", true, None),
        ("blamed", false, None),
        ("failed-command", false, None),
        ("error-exit", false, None),
        ("cancelled", false, None),
        (
            "skipped",
            true,
            Some(("SKIP", "the image has no guest agent, which `run` needs")),
        ),
        (
            "soft-failed",
            false,
            Some(("TODO", "the wallpaper is missing (DEB-1204)")),
        ),
    ] {
        let (points, bail) = read(&tap(&Run::of(&log_of(name)), FOLDER));
        let found = points[0].directive.as_ref();
        let found = found.map(|(word, reason)| (word.as_str(), reason.as_str()));
        assert_eq!((points[0].ok, found), (ok, directive), "{name}");
        assert_eq!(bail.is_some(), name == "cancelled", "{name}");
    }
}

#[test]
fn a_run_without_scenarios_is_a_plan_without_points() {
    let stream = tap(&Run::of(&[]), "");
    assert!(
        stream.contains("\n1..0 # SKIP no scenario ran\n"),
        "{stream}"
    );
    assert_eq!(read(&stream).0, []);
}

#[test]
fn a_failure_says_where_and_what_the_console_said() {
    let (points, _) = read(&tap(&Run::of(&log_of("failed-look")), FOLDER));
    for line in [
        "  verdict: \"failed\"",
        "  message: \"no needle tagged `gnome-overview` matched within 3m\"",
        "    file: \"scenarios/gnome-login.yaml\"",
        "    line: 9",
        "    number: \"3.2\"",
        "    - \"[FAILED] Failed to start geoclue.service\"",
        "    - \"qa-results/20261124-020304/gnome-login/frames/0004.png\"",
    ] {
        assert!(
            points[0].yaml.iter().any(|found| found == line),
            "{line} in {:#?}",
            points[0].yaml
        );
    }
    assert_eq!(Run::of(&log_of("failed-look")).count(Verdict::Failed), 1);
}
