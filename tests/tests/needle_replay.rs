//! `qa needle replay` and `qa needle bump`: what recorded screens say of needles, and needles made of them.

use qa_tests::{Fake, Outcome, Screen};
use serde_json::{Value, json};

use crate::qa;

/// A run that waited in vain for `login` on a screen that shows it with another word, and matched `clock` before.
fn failed_run() -> Outcome {
    qa().steps("s", "- see: clock\n- see: { needle: login, within: 20ms }")
        .needle(&qa_tests::Badge {
            x: 90,
            y: 60,
            ..qa_tests::Badge::of("clock")
        })
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("log-in").badge("clock", 90, 60)))
        .args(["run", "s"])
        .exit_code(1)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The frame that a run kept of its only screen.
fn frame(outcome: &Outcome) -> String {
    outcome.last_evidence().frame.unwrap().file
}

#[test]
fn a_run_replayed_with_the_same_needles_changes_nothing() {
    let run = failed_run();
    let frame = frame(&run);
    let text = run
        .then()
        .args(["needle", "replay", "qa-results/latest"])
        .any_stdout()
        .exit_code(0);
    let said: Vec<_> = text.stdout().lines().collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(
        said[0],
        format!("{frame}: `clock`, +0.0400 above its level")
    );
    assert!(
        said[1].starts_with(&format!("{frame}: nothing; nearest `login` with score ")),
        "{said:?}"
    );
    assert_eq!(said[2], "2 frames, 0 would change");
    let json = text
        .then()
        .args(["needle", "replay", "qa-results/latest", "--format", "json"])
        .any_stdout()
        .exit_code(0);
    let lines = lines(json.stdout());
    assert_eq!(
        lines[1],
        json!({
            "frame": frame, "looked_for": "login", "before": null, "now": null, "changed": false, "above_level": null,
        })
    );
    assert_eq!(
        (&lines[0]["before"], &lines[0]["now"], &lines[0]["changed"]),
        (&json!("clock"), &json!("clock"), &json!(false))
    );
}

#[test]
fn replay_tells_what_a_new_needle_and_a_missing_one_change() {
    let run = failed_run();
    let frame = frame(&run);
    let needle = qa_tests::Badge::of("log-in")
        .needle()
        .to_string()
        .replace("log-in", "login");
    let outcome = run
        .then()
        .file("needles/new.json", needle)
        .file("needles/new.png", Screen::of("log-in").png())
        .file("needles/clock.json", "{")
        .args(["needle", "replay", "qa-results/latest"])
        .stdout(&format!(
            "\
{frame}: nothing, was `clock`
{frame}: `new`, +0.0400 above its level, was nothing
2 frames, 2 would change
"
        ))
        .exit_code(1);
    drop(outcome);
}

#[test]
fn any_folder_of_screenshots_can_be_replayed() {
    qa().needles(["login"])
        .file("shots/a.png", Screen::of("login").png())
        .file("shots/b.ppm", Screen::of("splash").ppm())
        .args(["needle", "replay", "shots"])
        .stdout_has("a.png: `login`, +0.0400 above its level\n")
        .stdout_has("b.ppm: nothing; nearest `login`")
        .stdout_has("2 frames, 0 would change\n")
        .exit_code(0);
    qa().needles(["login"])
        .file("shots/readme", "")
        .args(["needle", "replay", "shots"])
        .stderr_has("there are no frames in `shots`")
        .exit_code(2);
}

#[test]
fn bump_offers_the_failed_candidate_and_writes_it_only_on_yes() {
    let run = failed_run();
    let frame = frame(&run);
    let offered = format!(
        "{frame}: `login` was looked for; nearest is `login`; side by side: qa-results/latest/bump-1.png\n"
    );
    let asked = "make a new needle like `login` from this screen? [y,r,N,q,?] ";
    let outcome = run
        .then()
        .stdin("no\n")
        .args(["needle", "bump", "qa-results/latest"])
        .stdout(&format!("{offered}1 offered, 0 written\n"))
        .stderr(asked)
        .exit_code(0);
    let root = outcome.then().root();
    assert!(!root.join("needles/login-2.json").exists());
    let sheet = image::open(root.join("qa-results/latest/bump-1.png")).unwrap();
    assert_eq!((sheet.width(), sheet.height()), (320, 120));

    let outcome = outcome
        .then()
        .stdin("y\n")
        .args(["needle", "bump", "qa-results/latest"])
        .stdout(&format!("{offered}1 offered, 1 written\n"))
        .stderr_has(&format!("{asked}written: "))
        .exit_code(0);
    let needle: Value =
        serde_json::from_slice(&std::fs::read(root.join("needles/login-2.json")).unwrap()).unwrap();
    assert_eq!(needle["tags"], json!(["login"]));
    assert_eq!(needle["area"][0]["xpos"], 16);
    let picture = image::open(root.join("needles/login-2.png"))
        .unwrap()
        .to_rgb8();
    let screen = image::load_from_memory(&Screen::of("log-in").badge("clock", 90, 60).png());
    assert_eq!(picture, screen.unwrap().to_rgb8());

    // The new needle is what the run would have needed.
    outcome
        .then()
        .args(["needle", "replay", "qa-results/latest"])
        .stdout_has(&format!(
            "{frame}: `login-2`, +0.0400 above its level, was nothing\n"
        ))
        .exit_code(1);
}

#[test]
fn bump_for_programs_only_lists_unless_told_to_write() {
    let run = failed_run();
    let frame = frame(&run);
    let offer = json!({
        "needle": "login", "frame": frame, "looked_for": "login", "side_by_side": "qa-results/latest/bump-1.png",
    });
    let outcome = run
        .then()
        .args(["needle", "bump", "--format", "json", "qa-results/latest"])
        .any_stdout()
        .exit_code(0);
    assert_eq!(lines(outcome.stdout()), std::slice::from_ref(&offer));
    let root = outcome.then().root();
    assert!(!root.join("needles/login-2.json").exists());
    let outcome = outcome
        .then()
        .args([
            "needle",
            "bump",
            "--yes",
            "--quiet",
            "--format",
            "json",
            "qa-results/latest",
        ])
        .any_stdout()
        .exit_code(0);
    assert_eq!(lines(outcome.stdout()), [offer]);
    assert!(root.join("needles/login-2.json").is_file());
}

#[test]
fn bump_replaces_a_needle_and_offers_nothing_twice() {
    let run = failed_run();
    let outcome = run
        .then()
        .stdin("y\n")
        .args(["needle", "bump", "--replace", "qa-results/latest"])
        .stdout_has("1 offered, 1 written\n")
        .stderr_has("replace `login` by this screen? [y,r,N,q,?] replaced: ")
        .exit_code(0);
    let root = outcome.then().root();
    assert!(!root.join("needles/login-2.json").exists());
    let picture = image::open(root.join("needles/login.png"))
        .unwrap()
        .to_rgb8();
    let screen = image::load_from_memory(&Screen::of("log-in").badge("clock", 90, 60).png());
    assert_eq!(picture, screen.unwrap().to_rgb8());
    // The needle matches the screen now, and an equal one beside it would be of no use.
    outcome
        .then()
        .args(["needle", "bump", "--yes", "qa-results/latest"])
        .stdout("0 offered, 0 written\n")
        .exit_code(0);
}

#[test]
fn bump_explains_its_answers_and_q_ends_it() {
    failed_run()
        .then()
        .stdin("?\nq\n")
        .args(["needle", "bump"])
        .stdout_has("1 offered, 0 written\n")
        .stderr_has("y  add a needle of the same tags and areas")
        .stderr_has("r  replace the picture of the needle by this screen")
        .exit_code(0);
    failed_run()
        .then()
        .stdin("?\n")
        .args(["needle", "bump"])
        .stdout_has("1 offered, 0 written\n")
        .any_stderr()
        .exit_code(0);
}

#[test]
fn bump_finds_a_run_in_other_results_and_in_a_folder_of_the_run() {
    let run = qa()
        .steps("s", "- see: { needle: login, within: 20ms }")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("log-in")))
        .args(["run", "s", "--results", "else where"])
        .any_stderr()
        .any_stdout()
        .exit_code(1);
    let said = format!("{}{}", run.stdout(), run.stderr());
    // The name of the run is hidden from tests.
    assert!(
        said.contains("`qa needle bump 'else where/[run]'` makes"),
        "{said}"
    );
    for args in [
        &["needle", "bump", "--format", "json", "else where/latest"][..],
        &[
            "needle",
            "bump",
            "--format",
            "json",
            "--results",
            "else where",
        ],
        &["needle", "bump", "--format", "json", "else where"],
        &["needle", "bump", "--format", "json", "else where/latest/s"],
    ] {
        let outcome = run
            .then()
            .args(args.iter().copied())
            .any_stdout()
            .exit_code(0);
        assert_eq!(lines(outcome.stdout())[0]["needle"], "login");
    }
}

#[test]
fn bump_without_a_run_says_what_to_give() {
    qa().needles(["login"])
        .args(["needle", "bump"])
        .stderr_has("there is no run at `")
        .stderr_has("`qa run` makes a run")
        .exit_code(2);
}
