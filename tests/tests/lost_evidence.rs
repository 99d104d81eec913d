//! Evidence that could not be kept is told: on any verdict as a finding, and where a failure cannot be shown as an
//! error.

use qa_tests::{Badge, Fake, Outcome, Screen, act, on};
use reports::{CauseKind, Finding, Verdict};

use crate::{qa, steps};

fn lost(outcome: &Outcome) -> Vec<String> {
    let findings = outcome.scenario("s").findings;
    findings
        .iter()
        .filter(|finding| matches!(finding, Finding::EvidenceLost { .. }))
        .map(Finding::text)
        .collect()
}

#[test]
fn a_failure_whose_picture_finds_no_space_is_an_error_that_says_both() {
    let outcome = steps("- see: { needle: desktop, within: 20ms }")
        .needles(["desktop"])
        .machine(Fake::shows(&Screen::of("login")).on(on::captures(1), [act::fill_results()]))
        .exit_code(3);
    outcome.shows("the disk of the results is full where a failure is to be shown");
    let (verdict, cause) = outcome.verdict("s");
    let cause = cause.unwrap();
    assert_eq!(verdict, Verdict::Error);
    assert_eq!(cause.kind, CauseKind::DiskFull);
    assert!(
        cause.message.starts_with(
            "the host's disk is full: a frame cannot be written; it cannot be shown that"
        ),
        "{cause:?}"
    );
    assert!(cause.hints[0].contains("make room"), "{cause:?}");
    let told =
        "a picture of the screen is lost: the host's disk is full: a frame cannot be written";
    assert_eq!(lost(&outcome), [told]);
    for report in [
        outcome.stdout(),
        &outcome.file("report.html"),
        &outcome.file("junit.xml"),
    ] {
        assert!(
            report.contains("a picture of the screen is lost"),
            "{report}"
        );
    }
}

#[test]
fn a_step_that_held_is_an_error_where_its_picture_is_lost() {
    // The first step keeps a picture; the screen changes afterwards.
    let outcome = steps("- see: login\n- type: x\n- changed: { within: 20s }")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")).on(
            on::typed("x"),
            [act::fill_results(), act::show(&Screen::of("desktop"))],
        ))
        .any_stdout()
        .start();
    let outcome = outcome.exit_code(3);
    outcome.shows("the disk of the results is full where a step has held");
    let (verdict, cause) = outcome.verdict("s");
    assert_eq!(
        (verdict, cause.unwrap().kind),
        (Verdict::Error, CauseKind::DiskFull)
    );
    assert_eq!(lost(&outcome).len(), 1);
}

#[test]
fn the_copy_of_a_needle_that_cannot_be_kept_is_a_finding_and_the_failure_stays() {
    // A file where the folder of the copies would be.
    let outcome = steps("- see: { needle: desktop, within: 20ms }")
        .needle(&Badge::of("desktop"))
        .machine(Fake::shows(&Screen::of("login")).on(on::captures(1), [act::spoil_needles()]))
        .exit_code(1);
    outcome.shows("a needle cannot be copied into the results");
    assert_eq!(outcome.verdict("s").0, Verdict::Failed);
    let told = lost(&outcome);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("the copy of needle `desktop` is lost: "),
        "{told:?}"
    );
}

#[test]
fn without_a_cache_everything_starts_from_power_on_and_that_is_said() {
    // Root may write everywhere: a file where the folder would be refuses it too.
    qa().home_file(".cache", "")
        .steps("s", "- serial: ready")
        .args(["run", "s", "--image", "disk.img"])
        .machine(Fake::new().on(on::captures(1), [act::say("ready\r\n")]))
        .stderr_has("every machine starts from power-on: ")
        .any_stderr()
        .exit_code(0)
        .shows("the cache of checkpoints cannot be used");
}

#[test]
fn results_that_cannot_be_made_are_an_error_that_names_the_folder_and_what_to_do() {
    qa().file("there", "")
        .steps("s", "- note: x")
        .args(["run", "s", "--results", "there/results"])
        .stderr_has("cannot make a folder for the results in `there/results`")
        .stderr_has("give another folder with --results")
        .any_stderr()
        .exit_code(3)
        .shows("the folder of results cannot be made");
}
