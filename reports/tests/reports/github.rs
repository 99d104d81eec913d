//! The result of a run for GitHub Actions.

use reports::{Run, github_annotations, github_summary};

use crate::sample::{RUNS, log_of};

#[test]
fn every_run_has_its_annotations_and_its_summary() {
    for name in RUNS {
        let run = Run::of(&log_of(name));
        let annotations = github_annotations(&run, "tests/os");
        let summary = github_summary(&run, "qa-results/latest/report.html");
        insta::assert_snapshot!(
            format!("github_{name}"),
            format!("{annotations}---\n{summary}")
        );
    }
}

#[test]
fn an_annotation_names_the_step_in_the_checkout() {
    let run = Run::of(&log_of("failed-look"));
    let annotations = github_annotations(&run, "tests/os/");
    assert!(annotations.starts_with("::error title="), "{annotations}");
    assert!(
        annotations.contains(",file=tests/os/scenarios/gnome-login.yaml,line="),
        "{annotations}"
    );
    // One for the scenario that failed, and one for that which was skipped after it.
    assert_eq!(annotations.lines().count(), 2, "{annotations}");
    let beside = github_annotations(&run, "");
    assert!(
        beside.contains(",file=scenarios/gnome-login.yaml,line="),
        "{beside}"
    );
}
