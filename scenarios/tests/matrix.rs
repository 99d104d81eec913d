//! What the linter finds in a matrix, and in scenarios where a matrix runs them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end where it is wrong"
)]

mod golden;

use golden::assert_golden;
use scenarios::{Code, Diagnostic, Library, Project, Source, lint};

const IMAGES: &str = "\
images:
  gnome: { recipe: gnome, vars: { user: alice } }
  console: { recipe: console }
  arm: { path: arm.img, arch: aarch64 }
";

/// The login needs a variable that only one of the images has.
const LOGIN: &str = "image: gnome\nvars: { lang: en }\nsteps:\n  - type: '{{ user }} {{ lang }}'\n";

fn findings(matrix: &str) -> Vec<Diagnostic> {
    let text = format!("{IMAGES}matrix:\n  night:\n{matrix}");
    let (project, findings) = Project::read(&Source::new("qa.yaml", text));
    assert_eq!(findings, [], "the project file itself is right");
    let (library, findings) = Library::read([
        Source::new("scenarios/login.yaml", LOGIN),
        Source::new(
            "scenarios/boot.yaml",
            "image: console\nsteps:\n  - note: x\n",
        ),
    ]);
    assert_eq!(findings, [], "each file by itself is right");
    lint(project.as_ref(), &library, &[])
}

#[track_caller]
fn finds(code: Code, name: &str, matrix: &str) {
    let findings = findings(matrix);
    assert!(
        findings.iter().any(|finding| finding.code == code),
        "{code} was not found: {findings:?}"
    );
    assert_golden("lint", name, &findings);
}

#[test]
fn a_good_matrix_has_no_findings() {
    let matrix = "    images: [gnome, console, arm]
    exclude: [{ image: [console, arm], scenario: login }]
    include: [{ image: gnome, machine: bios-x86_64, scenario: login, vars: { lang: de } }]
";
    assert_eq!(findings(matrix), []);
}

#[test]
fn a_matrix_names_scenarios_that_are_there() {
    finds(
        Code::UnknownScenario,
        "matrix_of_unknown_scenarios",
        "    images: gnome\n    scenarios: [bot]\n",
    );
}

#[test]
fn a_variable_that_an_image_does_not_have_is_told_with_the_image() {
    finds(
        Code::UnknownVariable,
        "matrix_where_a_variable_is_missing",
        "    images: [gnome, console]\n    scenarios: login\n",
    );
}

#[test]
fn a_variable_that_a_matrix_sets_is_one_that_there_is() {
    finds(
        Code::UnknownVariable,
        "matrix_sets_an_idle_variable",
        "    images: gnome\n    scenarios: login\n    vars: { lnag: de }\n    \
        include: [{ image: console, scenario: boot, vars: { lang: de } }]\n",
    );
}

#[test]
fn what_cannot_start_is_told_before_it_is_run() {
    finds(
        Code::OtherArchitecture,
        "matrix_of_two_architectures",
        "    images: [arm, console]\n    machines: [uefi-aarch64, uefi-x86_64]\n    scenarios: boot\n",
    );
}

#[test]
fn a_combination_is_there_once() {
    finds(
        Code::MatrixTwice,
        "matrix_twice",
        "    images: console\n    scenarios: boot\n    include: [{ image: console, scenario: boot }]\n",
    );
}

#[test]
fn an_exclude_leaves_something_out() {
    finds(
        Code::MatrixExclude,
        "matrix_excludes_nothing",
        "    images: console\n    scenarios: boot\n    exclude: [{ image: console, machine: uefi-aarch64 }]\n",
    );
}
