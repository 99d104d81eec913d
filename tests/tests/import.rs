//! `qa import openqa`: a distribution in openQA's formats becomes a project that `qa check` takes.

mod distribution;
mod modules;
mod settings;

use std::fs;

use qa_tests::Outcome;

use crate::qa;
use distribution::{MODULE_COUNT, distribution};

fn imported() -> Outcome {
    distribution(qa())
        .args(["import", "openqa", "distri", "--into", "new"])
        .any_stdout()
        .exit_code(0)
}

/// Returns a file of the new project.
fn file(outcome: &Outcome, path: &str) -> String {
    let path = outcome.then().root().join("new").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[track_caller]
fn golden(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "../golden", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!(format!("import-{name}"), text);
    });
}

#[test]
fn a_distribution_comes_over_and_what_does_not_is_named_by_line() {
    assert_eq!(MODULE_COUNT, 60);
    let outcome = imported();
    golden("page", outcome.stdout());
    assert!(outcome.stdout().lines().count() <= 24, "at most one screen");
    golden("report", &file(&outcome, "IMPORT.md"));
    golden("project", &file(&outcome, "qa.yaml"));
    for name in [
        "welcome",
        "partitioning",
        "start_install",
        "first_boot",
        "console_setup",
        "journal",
        "network",
        "packages",
        "gnome-settings",
        "modules/x11-login",
        "modules/x11-settings",
        "modules/shutdown-shutdown",
    ] {
        golden(
            &name.replace('/', "-"),
            &file(&outcome, &format!("scenarios/{name}.yaml")),
        );
    }
}

#[test]
fn the_new_project_has_no_errors() {
    let outcome = imported();
    let check = outcome
        .then()
        .args(["check", "--project", "new", "--format", "json"])
        .any_stdout()
        .any_stderr()
        .exit_code(0);
    let found = check.stdout();
    assert!(!found.contains("\"severity\":\"error\""), "{found}");
    let listed = outcome
        .then()
        .args(["list", "--project", "new"])
        .any_stdout()
        .exit_code(0);
    assert!(listed.stdout().contains("desktop"), "{}", listed.stdout());
}

#[test]
fn needles_come_over_byte_for_byte() {
    let outcome = imported();
    let root = outcome.then().root();
    for name in ["settings/about", "welcome-beta-20260101", "desktop"] {
        for ending in ["json", "png"] {
            let path = format!("needles/{name}.{ending}");
            let read = |folder: &str| fs::read(root.join(folder).join(&path)).unwrap();
            assert_eq!(read("distri"), read("new"), "{path}");
        }
    }
    let kept = outcome
        .then()
        .args([
            "import",
            "openqa",
            "distri",
            "--into",
            "other",
            "--keep-needles",
        ])
        .any_stdout()
        .exit_code(0);
    assert!(!root.join("other/needles").exists());
    let project = fs::read_to_string(root.join("other/qa.yaml")).unwrap();
    assert!(
        project.contains("needles: ['../distri/needles']"),
        "{project}"
    );
    kept.then()
        .args(["check", "--project", "other"])
        .any_stdout()
        .any_stderr()
        .exit_code(0);
}

#[test]
fn a_project_that_is_there_is_not_overwritten() {
    let outcome = imported();
    outcome
        .then()
        .args(["import", "openqa", "distri", "--into", "new"])
        .stderr_has("`new/qa.yaml` exists already")
        .stderr_has("--into")
        .exit_code(2);
    outcome
        .then()
        .args(["import", "openqa", "nowhere"])
        .stderr_has("`nowhere` is no folder")
        .exit_code(2);
    qa().file("empty/README", "nothing")
        .args(["import", "openqa", "empty", "--into", "new"])
        .stderr_has("there is no test module (*.pm) below `empty`")
        .exit_code(2);
}

#[test]
fn no_value_of_a_secret_is_in_the_new_project() {
    let outcome = imported();
    for name in ["qa.yaml", "IMPORT.md"] {
        assert!(!file(&outcome, name).contains("secret-code"), "{name}");
    }
}

#[test]
fn scenario_definitions_are_read_and_each_job_is_a_cell() {
    let definitions = "\
.machine: &machine { backend: qemu, settings: { QEMURAM: '512' } }
products:
  demo: { distri: demo, flavor: ISO, version: '1', arch: x86_64, settings: { ISO: demo.iso } }
machines:
  small: *machine
  large:
    <<: *machine
    settings: { QEMURAM: '4096', QEMUCPUS: '4' }
job_templates:
  first: { product: demo, machine: small, settings: { SCHEDULE: 'tests/a,tests/b' } }
  second: { product: demo, machine: large, settings: { SCHEDULE: 'tests/a' } }
";
    let module = "use base 'basetest';\nuse testapi;\nsub run { assert_script_run 'true'; }\n1;\n";
    let outcome = qa()
        .without_project()
        .file("distri/scenario-definitions.yaml", definitions)
        .file("distri/tests/a.pm", module)
        .file("distri/tests/b.pm", module)
        .args(["import", "openqa", "distri", "--into", "new"])
        .stdout_has("2 jobs of 1 job group as 1 matrix")
        .exit_code(0);
    golden("definitions", &file(&outcome, "qa.yaml"));
    outcome
        .then()
        .args(["check", "--project", "new"])
        .any_stdout()
        .any_stderr()
        .exit_code(0);
}
