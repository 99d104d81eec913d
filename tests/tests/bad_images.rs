//! Images that are none: an error, never a failure of the system under test.

use qa_tests::{Outcome, Qa};
use reports::{CauseKind, Verdict};

use crate::qa;

#[track_caller]
fn unusable(qa: Qa, image: &str, parts: &[&str]) -> Outcome {
    let outcome = qa
        .steps("s", "- note: x")
        .args(["run", "s", "--image", image])
        .exit_code(3);
    let (verdict, cause) = outcome.verdict("s");
    assert_eq!(verdict, Verdict::Error);
    let cause = cause.unwrap();
    assert_eq!(cause.kind, CauseKind::Image);
    for part in parts {
        assert!(
            cause.message.contains(part),
            "no `{part}` in: {}",
            cause.message
        );
    }
    assert_eq!(
        outcome.journal().pids(),
        [0_u32; 0],
        "no machine is started"
    );
    outcome
}

#[test]
fn an_image_that_is_missing() {
    unusable(qa(), "./none.qcow2", &["none.qcow2", "no image at"]);
}

#[test]
fn an_image_that_is_a_directory() {
    unusable(
        qa().file("folder/file", ""),
        "./folder",
        &["folder", "is a directory"],
    );
}

#[test]
fn an_image_that_is_empty() {
    unusable(
        qa().file("empty.img", ""),
        "./empty.img",
        &["empty.img", "is empty"],
    );
}

#[test]
fn an_image_that_is_no_disk() {
    unusable(
        qa().file("notes.txt", "milk\nbread\n"),
        "./notes.txt",
        &["notes.txt", "is not a disk image"],
    );
}

#[test]
fn an_image_of_the_project_that_is_missing() {
    let project = "scenarios: [scenarios]\nimages: { disk: { path: gone.img } }\n";
    let outcome = qa()
        .steps("s", "- note: x")
        .project(project)
        .args(["run", "s"])
        .exit_code(3);
    assert_eq!(outcome.cause("s").kind, CauseKind::Image);
    assert!(outcome.cause("s").message.contains("gone.img"));
}

#[test]
fn an_image_that_is_not_built_is_told_with_the_command_that_builds_it() {
    let project = "scenarios: [scenarios]\nimages: { disk: { recipe: console } }\n";
    let outcome = qa()
        .steps("s", "- note: x")
        .project(project)
        .args(["run", "s"])
        .exit_code(3);
    let cause = outcome.cause("s");
    assert!(
        cause
            .hints
            .iter()
            .any(|hint| hint.contains("qa image build console")),
        "{cause:?}"
    );
    outcome
        .then()
        .args(["run", "s", "--plan"])
        .stdout(
            "\
power-on
    image `disk` is not built, or its recipe has changed since; `qa image build console` builds it
└── s  1 step  cannot run  judges s
1 stage: 0 cached, 0 to run, 1 left out
",
        )
        .exit_code(0);
}

#[test]
fn no_image_at_all_is_a_wrong_call() {
    qa().without_project()
        .file("boot.yaml", "steps:\n  - note: x\n")
        .args(["run", "boot.yaml"])
        .stderr("error: it is not said which image to test\n  next: give a disk file with --image, or `image:` in the scenario\n")
        .exit_code(2);
}

#[test]
fn the_image_is_never_written() {
    let outcome = qa().steps("s", "- note: x").args(["run", "s"]).exit_code(0);
    let disk = std::fs::read(outcome.then().root().join("disk.img")).unwrap();
    assert!(disk == qa_tests::boot_disk());
    let args = outcome.file("s/qemu.args");
    assert!(
        !args.contains("disk.img"),
        "only the overlay is given to QEMU: {args}"
    );
}
