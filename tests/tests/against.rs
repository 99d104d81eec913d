//! A run that failed is compared with the last good one, by itself or by name.

use qa_tests::{Fake, Outcome, Qa, Screen, act, on};

use crate::qa;

const STEPS: &str = "- see: greeter\n- type: hello\n- see: { needle: desktop, within: 200ms }\n";

/// A guest that shows this after the text.
fn shows(word: &str) -> Fake {
    Fake::shows(&Screen::of("greeter")).on(on::typed("hello"), [act::show(&Screen::of(word))])
}

fn first() -> Qa {
    qa().steps("s", STEPS).needles(["greeter", "desktop"])
}

/// The name of the folder of a run.
fn name(outcome: &Outcome) -> String {
    let folder = outcome.run_folder().canonicalize().unwrap();
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

fn run(qa: Qa) -> Qa {
    qa.args(["run", "s"]).any_stdout().any_stderr()
}

/// The name of a good run, and a run after it that fails.
fn good_and_bad() -> (String, Outcome) {
    let good = run(first().machine(shows("desktop"))).exit_code(0);
    let name = name(&good);
    (name, run(good.then().machine(shows("error"))).exit_code(1))
}

#[test]
fn a_failure_is_shown_beside_the_last_good_run() {
    let (good, bad) = good_and_bad();
    let page = bad.file("report.html");
    for part in [
        format!("The last good run: <a href=\"../{good}/report.html\">{good}</a>"),
        "Both part at s step 3".to_owned(),
        "Image, machine, host, scenario and needles are the same.".to_owned(),
    ] {
        assert!(page.contains(&part), "{part}");
    }
    let (_, after) = page.split_once(&format!("src=\"../{good}/")).unwrap();
    let picture = after.split('"').next().unwrap();
    let folder = bad.run_folder().canonicalize().unwrap();
    assert!(
        folder.join("..").join(&good).join(picture).exists(),
        "{picture}"
    );
}

#[test]
fn a_run_to_compare_with_can_be_named_and_must_be_there() {
    let (good, bad) = good_and_bad();
    let [good, bad_folder] = [good, name(&bad)].map(|name| format!("qa-results/{name}"));
    let again = bad
        .then()
        .args(["report", &bad_folder, "--against", &good])
        .any_stdout()
        .exit_code(0);
    assert!(again.file("report.html").contains("Both part at"));
    let _ = bad
        .then()
        .args(["report", &bad_folder, "--against", "qa-results/nothing"])
        .any_stdout()
        .stderr_has("there is no run at `qa-results/nothing`")
        .exit_code(2);
}

#[test]
fn what_was_changed_since_the_good_run_is_named() {
    let good = run(first().machine(shows("desktop"))).exit_code(0);
    let changed = good
        .then()
        .steps("s", &STEPS.replace("hello", "hello!"))
        .machine(shows("error"));
    let page = run(changed).exit_code(1).file("report.html");
    for part in ["<td>scenarios/s.yaml</td>", "<td>s step 2</td>"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn a_copied_run_makes_no_history_where_it_lies() {
    let (_, bad) = good_and_bad();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("run");
    std::fs::create_dir(&copy).unwrap();
    std::fs::copy(
        bad.run_folder().join("events.jsonl"),
        copy.join("events.jsonl"),
    )
    .unwrap();
    let _ = bad
        .then()
        .args(["report", &copy.to_string_lossy()])
        .any_stdout()
        .exit_code(0);
    assert!(!elsewhere.path().join("history.sqlite").exists());
    assert!(copy.join("report.html").exists());
}
