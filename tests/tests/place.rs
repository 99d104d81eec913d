//! The image and machine of a scenario that names none, and the files of a project that are scenarios.

use qa_tests::{Qa, boot_disk};

use crate::qa;

/// A project of two images and a scenario that names none.
fn without_image() -> Qa {
    qa().project(
        "\
scenarios: [scenarios]
images:
  one: { path: disk.img, machine: pc }
  two: { path: disk.img, machine: pc }
machines:
  pc: { preset: bios-x86_64, accel: tcg, memory: 64M }
matrix:
  both: { images: [one, two], scenarios: [s] }
",
    )
    .scenario("s", "steps:\n  - note: x\n")
}

#[test]
fn a_scenario_without_an_image_runs_on_that_of_the_call() {
    without_image()
        .args(["run", "s", "--image", "two"])
        .exit_code(0);
    let qa = without_image().file("other.img", boot_disk());
    qa.args(["run", "s", "--image", "other.img"]).exit_code(0);
}

#[test]
fn the_file_of_an_image_runs_on_the_machine_of_that_image() {
    let outcome = without_image()
        .args(["run", "s", "--image", "disk.img"])
        .exit_code(0);
    assert_eq!(outcome.run().scenarios[0].info.machine, "pc");
}

#[test]
fn a_file_that_is_several_images_is_the_first_of_them_and_the_others_are_named() {
    let outcome = qa()
        .project(
            "\
scenarios: [scenarios]
images:
  two: { path: disk.img, machine: pc }
  one: { path: ./disk.img, machine: other }
machines:
  pc: { preset: bios-x86_64, accel: tcg, memory: 64M }
  other: { preset: bios-x86_64, accel: tcg, memory: 128M }
",
        )
        .scenario("s", "steps:\n  - note: x\n")
        .args(["run", "s", "--image", "disk.img"])
        .exit_code(0);
    let info = &outcome.run().scenarios[0].info;
    assert_eq!((info.image.as_str(), info.machine.as_str()), ("two", "pc"));
    assert!(
        outcome.stderr().contains(
            "disk.img is tested as image `two` of the project; it is the file of `one`, too"
        ),
        "{}",
        outcome.stderr()
    );
}

#[test]
fn the_file_of_an_image_is_opened_as_the_project_says() {
    // A guest has written the header of another format to its disk.
    let mut disk = boot_disk();
    disk[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
    let qa = qa()
        .project(
            "\
scenarios: [scenarios]
images: { raw: { path: own.img, format: raw, machine: pc } }
machines: { pc: { preset: bios-x86_64, accel: tcg, memory: 64M } }
",
        )
        .file("own.img", disk)
        .scenario("s", "steps:\n  - note: x\n");
    qa.args(["run", "s", "--image", "own.img"]).exit_code(0);
}

#[test]
fn a_scenario_without_an_image_runs_on_those_of_a_matrix() {
    let outcome = without_image()
        .args(["run", "--matrix", "both"])
        .exit_code(0);
    assert_eq!(outcome.run().scenarios.len(), 2);
    outcome
        .then()
        .args(["check"])
        .stdout_has("0 errors")
        .exit_code(0);
}

#[test]
fn a_scenario_without_an_image_needs_one_where_nothing_says_it() {
    let outcome = without_image().args(["run", "s"]).exit_code(2);
    assert!(
        outcome.stderr().contains("no image to test is named"),
        "{}",
        outcome.stderr()
    );
}

#[test]
fn the_project_file_is_no_scenario_of_a_folder_that_is_the_whole_project() {
    let qa = qa()
        .project(
            "\
scenarios: [.]
images: { disk: { path: disk.img, machine: pc } }
machines: { pc: { preset: bios-x86_64, accel: tcg, memory: 64M } }
",
        )
        .file(".github/workflows/ci.yml", "on: push\n")
        .steps("s", "- note: x");
    let outcome = qa.args(["check"]).stdout_has("1 scenario, ").exit_code(0);
    let outcome = outcome.then().args(["run"]).exit_code(0);
    assert_eq!(outcome.run().scenarios.len(), 1);
    let outcome = outcome.then().args(["run", "qa.yaml"]).exit_code(2);
    assert!(
        outcome
            .stderr()
            .contains("is a project file, not a scenario"),
        "{}",
        outcome.stderr()
    );
}
