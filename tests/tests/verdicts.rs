//! Verdicts, and the exit status that follows.

use qa_tests::{Fake, Screen, act, on};
use reports::Verdict;

use crate::{qa, steps};

#[test]
fn a_run_in_which_everything_held_exits_with_0() {
    let outcome = steps("- see: login")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")))
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
    assert!(
        outcome.stdout().contains('s') && outcome.stdout().contains("passed"),
        "{}",
        outcome.stdout()
    );
}

#[test]
fn quiet_says_nothing_of_a_run_that_held_and_the_failure_of_one_that_did_not() {
    let login = |name| {
        qa().steps("s", "- see: { needle: login, within: 20ms }")
            .needles(["login"])
            .machine(Fake::shows(&Screen::of(name)))
    };
    let outcome = login("login").args(["run", "s", "--quiet"]).exit_code(0);
    assert_eq!((outcome.stdout(), outcome.stderr()), ("", ""));
    let outcome = login("splash").args(["run", "s", "--quiet"]).exit_code(1);
    assert!(
        outcome
            .stdout()
            .contains("no needle tagged `login` matched"),
        "{}",
        outcome.stdout()
    );
}

#[test]
fn failures_outrank_errors_and_every_scenario_is_judged() {
    let outcome = qa()
        .steps("breaks", "- serial: never")
        .steps("fails", "- see: { needle: login, within: 20ms }")
        .steps("passes", "- note: fine")
        .needles(["login"])
        // Each scenario has a machine of its own: the first one dies, the others do nothing.
        .machine(Fake::new().first(on::captures(1), [act::die()]))
        .args(["run", "breaks", "fails", "passes", "--jobs", "1"])
        .exit_code(1);
    let verdicts = ["breaks", "fails", "passes"].map(|name| outcome.verdict(name).0);
    assert_eq!(verdicts, [Verdict::Error, Verdict::Failed, Verdict::Passed]);
}

#[test]
fn errors_alone_exit_with_3() {
    let outcome = steps("- serial: never")
        .machine(Fake::new().on(on::captures(1), [act::die()]))
        .exit_code(3);
    assert_eq!(outcome.verdict("s").0, Verdict::Error);
}

#[test]
fn a_wrong_call_exits_with_2_and_starts_no_machine() {
    let outcome = qa()
        .args(["run", "--imgae", "x"])
        .stderr_has("--imgae")
        .stderr_has("--image")
        .exit_code(2);
    assert_eq!(outcome.journal().pids(), [0_u32; 0]);
    qa().args(["rnu"]).stderr_has("rnu").exit_code(2);
    qa().args([]).stderr_has("Usage: qa").exit_code(2);
}

#[test]
fn an_empty_project_has_nothing_to_run_and_says_so() {
    qa().args(["run"])
        .stderr(
            "error: there is no scenario to run\n  \
        next: name a scenario file, or change to the folder of a project: `qa list` shows its scenarios\n",
        )
        .exit_code(2);
}

#[test]
fn a_scenario_runs_outside_any_project_on_a_disk_file() {
    qa().without_project()
        .file(
            "needles/login.json",
            qa_tests::Badge::of("login").needle().to_string(),
        )
        .file("needles/login.png", Screen::of("login").png())
        .file("boot.yaml", "steps:\n  - see: login\n")
        .machine(Fake::shows(&Screen::of("login")))
        .args([
            "run",
            "boot.yaml",
            "--image",
            "disk.img",
            "--machine",
            "bios-x86_64",
        ])
        .exit_code(0);
}

#[test]
fn a_scenario_that_requires_what_its_machine_lacks_is_skipped_with_the_reason() {
    let outcome = qa()
        .scenario(
            "s",
            "image: disk\nrequires: network\nsteps:\n  - note: fine\n",
        )
        .machine(Fake::new())
        .args(["run", "s"])
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Skipped);
    let reason = "`s` requires `network`, which the machine";
    assert!(outcome.stdout().contains(reason), "{}", outcome.stdout());
}

#[test]
fn a_capability_that_there_is_not_is_refused_with_the_nearest_name() {
    let outcome = qa()
        .scenario(
            "s",
            "image: disk\nrequires: agnet\nsteps:\n  - note: fine\n",
        )
        .args(["run", "s"])
        .exit_code(2);
    let stderr = outcome.stderr();
    assert!(
        stderr.contains("unknown capability `agnet`") && stderr.contains("`agent`"),
        "{stderr}"
    );
}
