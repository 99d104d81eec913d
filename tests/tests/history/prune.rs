//! `qa history prune`: which runs are removed, and which stay.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use qa_tests::Qa;
use reports::Verdict::{Error, Failed, Flaky, Passed};

use super::written::{Ran, run};
use crate::qa;

/// The names in the results folder, without the database.
fn names(qa: &Qa) -> BTreeSet<String> {
    let entries = fs::read_dir(qa.root().join("qa-results")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| !name.starts_with("history.sqlite"))
        .collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// Six runs of one cell: the last good one is the third, the first bad one after it is the fifth.
fn six_runs() -> Qa {
    let qa = qa();
    for (day, verdict) in (1..).zip([Passed, Failed, Passed, Flaky, Error, Failed]) {
        run(&qa, day, &[Ran::of("s", verdict)]);
    }
    symlink("run-06", qa.root().join("qa-results/latest")).unwrap();
    qa
}

#[test]
fn the_last_good_and_the_first_bad_run_stay() {
    let qa = six_runs();
    let call = qa.beside().args(["history", "prune", "--keep-runs", "1"]);
    let outcome = call
        .any_stdout()
        .stderr_has("3 removed, ")
        .stderr_has("; 3 kept")
        .exit_code(0);
    assert_eq!(names(&qa), set(["run-03", "run-05", "run-06", "latest"]));
    let words: Vec<String> = outcome
        .stdout()
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let starts = [
        "removed run-01 ",
        "removed run-02 ",
        "removed run-04 ",
        "kept run-03 ",
        "kept run-05 ",
    ];
    assert_eq!(words.len(), starts.len(), "{words:#?}");
    for (line, start) in words.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(
        words[3].ends_with(": the last good run of `s@disk+pc`"),
        "{}",
        words[3]
    );
    assert!(
        words[4].ends_with(": the first bad run of `s@disk+pc`"),
        "{}",
        words[4]
    );
    // The history goes on with what is left.
    qa.beside()
        .args(["history"])
        .stdout_has("since run-05 (error), 2 runs; it held last in run-03\n")
        .exit_code(0);
}

#[test]
fn latest_never_dangles() {
    let qa = six_runs();
    let latest = qa.root().join("qa-results/latest");
    fs::remove_file(&latest).unwrap();
    symlink("run-02", &latest).unwrap();
    qa.beside()
        .args(["history", "prune", "--max-size", "0"])
        .stdout_has(": `latest` leads to it\n")
        .any_stderr()
        .exit_code(0);
    assert_eq!(names(&qa), set(["run-02", "run-03", "run-05", "latest"]));
    assert!(latest.join("events.jsonl").is_file());
}

#[test]
fn a_folder_that_is_no_run_stays_and_links_are_not_followed() {
    let qa = six_runs();
    let results = qa.root().join("qa-results");
    let elsewhere = qa.root().join("elsewhere");
    fs::rename(results.join("run-01"), &elsewhere).unwrap();
    symlink(&elsewhere, results.join("run-01")).unwrap();
    fs::create_dir(results.join("notes")).unwrap();
    fs::write(
        results.join("notes/events.jsonl"),
        "{\"event\":\"party\"}\n",
    )
    .unwrap();
    fs::create_dir(results.join("empty")).unwrap();
    fs::write(results.join("file"), "").unwrap();
    let outside = qa.root().join("outside");
    fs::write(&outside, "stays").unwrap();
    symlink(&outside, results.join("run-02/s/link")).unwrap();
    qa.beside()
        .args(["history", "prune", "--keep-days", "3"])
        .any_stdout()
        .stderr_has("2 removed, ")
        .exit_code(0);
    let expected = set([
        "run-01", "run-03", "run-05", "run-06", "latest", "notes", "empty", "file",
    ]);
    assert_eq!(names(&qa), expected);
    assert!(elsewhere.join("events.jsonl").is_file());
    assert_eq!(fs::read_to_string(outside).unwrap(), "stays");
}

#[test]
fn a_run_that_goes_on_stays() {
    let qa = six_runs();
    let mark = qa.root().join("qa-results/run-01/.running");
    let file = fs::File::create(mark).unwrap();
    file.lock().unwrap();
    qa.beside()
        .args(["history", "prune", "--keep-runs", "0"])
        .stdout_has(": it goes on\n")
        .any_stderr()
        .exit_code(0);
    assert!(names(&qa).contains("run-01"));
}

#[test]
fn a_dry_run_removes_nothing() {
    let qa = six_runs();
    let before = names(&qa);
    let outcome = qa
        .beside()
        .args(["history", "prune", "--keep-runs", "1", "--dry-run"])
        .any_stdout()
        .stderr_has("3 would be removed, ")
        .exit_code(0);
    assert_eq!(outcome.stdout().matches("would remove  run-0").count(), 3);
    assert_eq!(names(&qa), before);
}

#[test]
fn a_log_of_a_newer_qa_stays_and_a_damaged_one_goes() {
    let qa = six_runs();
    let log = |run: &str| qa.root().join("qa-results").join(run).join("events.jsonl");
    let newer = fs::read_to_string(log("run-01")).unwrap();
    let format = format!("\"format\":{}", reports::FORMAT);
    fs::write(log("run-01"), newer.replacen(&format, "\"format\":9999", 1)).unwrap();
    let damaged = fs::read_to_string(log("run-02")).unwrap();
    fs::write(
        log("run-02"),
        damaged.lines().next().unwrap().to_owned() + "\nx\n",
    )
    .unwrap();
    qa.beside()
        .args(["history", "prune", "--keep-runs", "4"])
        .stdout_has(": a newer qa wrote its log\n")
        .stderr_has("1 removed, ")
        .exit_code(0);
    assert!(Path::new(&log("run-01")).is_file());
    assert!(!log("run-02").exists());
}

#[test]
fn a_limit_is_needed_and_must_be_one() {
    for (args, said) in [
        (&["history", "prune"][..], "--keep-days"),
        (
            &["history", "prune", "--max-size", "much"],
            "a size like `500M` or `20G`",
        ),
        (
            &["history", "prune", "--keep-days", "-1"],
            "unexpected argument '-1'",
        ),
    ] {
        qa().args(args.iter().copied())
            .stderr_has(said)
            .exit_code(2);
    }
}

#[test]
fn limits_of_the_project_count_without_a_limit_in_the_call() {
    let qa = qa().project_also("results: { keep_runs: 1 }\n");
    for day in 1..=3 {
        run(&qa, day, &[Ran::of("s", Passed)]);
    }
    qa.beside()
        .args(["history", "prune"])
        .any_stdout()
        .stderr_has("2 removed, ")
        .exit_code(0);
    assert_eq!(names(&qa), set(["run-03"]));
}
