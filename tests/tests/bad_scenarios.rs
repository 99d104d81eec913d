//! Mistakes in what people write: each is told with its place, the line and the nearest name, and nothing is started.

use qa_tests::{Outcome, Qa};

use crate::qa;

/// Runs a project that must be refused.
#[track_caller]
fn refused(qa: Qa, args: &[&str], parts: &[&str]) -> Outcome {
    let mut qa = qa.args(args.iter().copied());
    for part in parts {
        qa = qa.stderr_has(part);
    }
    let outcome = qa.exit_code(2);
    assert_eq!(outcome.journal().pids(), [0_u32; 0], "nothing is started");
    outcome
}

#[test]
fn an_unknown_verb_is_told_with_the_nearest_one() {
    refused(
        qa().steps("s", "- seee: login"),
        &["run", "s"],
        &[
            "scenarios/s.yaml:3:5",
            "- seee: login",
            "seee",
            "did you mean `see`",
        ],
    );
}

#[test]
fn an_unknown_field_is_told_with_the_nearest_one() {
    refused(
        qa().steps("s", "- see: { needle: login, whithin: 3s }")
            .needles(["login"]),
        &["run", "s"],
        &["scenarios/s.yaml:3:27", "whithin", "`within`"],
    );
}

#[test]
fn an_unknown_tag_is_told_with_the_nearest_one() {
    refused(
        qa().steps("s", "- see: lgoin").needles(["login"]),
        &["run", "s"],
        &["scenarios/s.yaml:3:10", "lgoin", "`login`"],
    );
}

#[test]
fn an_unknown_image_is_told_with_the_nearest_one() {
    let scenario = "image: diskk\nsteps:\n  - note: x\n";
    refused(
        qa().scenario("s", scenario),
        &["run", "s"],
        &["scenarios/s.yaml:1:8", "diskk", "`disk`"],
    );
    refused(
        qa().steps("s", "- note: x"),
        &["run", "s", "--image", "diskk"],
        &["diskk", "`disk`"],
    );
}

#[test]
fn an_unknown_machine_is_told_with_the_nearest_one() {
    refused(
        qa().steps("s", "- note: x"),
        &["run", "s", "--machine", "bios-x86"],
        &["bios-x86", "`bios-x86_64`"],
    );
}

#[test]
fn an_unknown_variable_is_told_with_the_nearest_one() {
    let scenario = "image: disk\nvars: { user: alice }\nsteps:\n  - type: '{{ usre }}'\n";
    refused(
        qa().scenario("s", scenario),
        &["run", "s"],
        &["scenarios/s.yaml:4:", "usre", "`user`"],
    );
    let scenario = "image: disk\nvars: { user: alice }\nsteps:\n  - type: '{{ user }}'\n";
    refused(
        qa().scenario("s", scenario),
        &["run", "s", "--var", "usre=bob"],
        &["error: `--var usre=` sets a variable that does not exist\n  next: did you mean `user`?"],
    );
}

#[test]
fn an_unknown_scenario_is_told_with_the_nearest_one() {
    refused(
        qa().steps("gnome-login", "- note: x"),
        &["run", "gnome-logni"],
        &["gnome-logni", "`gnome-login`"],
    );
    refused(
        qa(),
        &["run", "missing.yaml"],
        &["cannot read the scenario `missing.yaml`"],
    );
}

#[test]
fn yaml_of_a_wrong_type_is_told_at_its_line_and_column() {
    refused(
        qa().scenario("s", "image: disk\nsteps:\n  see: login\n"),
        &["run", "s"],
        &["scenarios/s.yaml:3:3", "see: login"],
    );
    refused(
        qa().steps("s", "- press: { keys: esc, repeat: often }"),
        &["run", "s"],
        &["scenarios/s.yaml:3:33", "often"],
    );
    refused(
        qa().steps("s", "- see: { needle: login, within: 3 parsecs }"),
        &["run", "s"],
        &["scenarios/s.yaml:3:35", "3 parsecs"],
    );
}

#[test]
fn broken_yaml_is_told_at_its_line() {
    refused(
        qa().scenario("s", "steps: [\n"),
        &["run", "s"],
        &["scenarios/s.yaml:"],
    );
    refused(qa().scenario("s", ""), &["run", "s"], &["scenarios/s.yaml"]);
    refused(
        qa().scenario("s", "\u{0}\u{1}\n"),
        &["run", "s"],
        &["scenarios/s.yaml"],
    );
    refused(
        qa().file("scenarios/s.yaml", b"title: \xff\n"),
        &["run", "s"],
        &["scenarios/s.yaml", "UTF-8"],
    );
}

#[test]
fn a_broken_project_file_is_told_at_its_place() {
    refused(
        qa().project_also("imags: {}\n"),
        &["list"],
        &["qa.yaml:7:1", "imags", "`images`"],
    );
    refused(
        qa().project("scenarios: [nowhere]\n"),
        &["list"],
        &["nowhere", "`scenarios:`"],
    );
}

#[test]
fn every_mistake_is_told_at_once() {
    let outcome = refused(
        qa().steps("s", "- seee: login\n- tpye: a\n- see: { needl: x }"),
        &["run", "s"],
        &["seee", "tpye", "needl", "errors found; nothing was run"],
    );
    assert!(
        outcome.stderr().contains("scenarios/s.yaml:5:"),
        "{}",
        outcome.stderr()
    );
}

#[test]
fn a_cycle_of_after_is_told() {
    refused(
        qa().scenario("a", "image: disk\nafter: b\nsteps:\n  - note: x\n")
            .scenario("b", "image: disk\nafter: a\nsteps:\n  - note: x\n"),
        &["run", "a"],
        &["cycle", "after"],
    );
}

#[test]
fn a_file_that_does_not_take_part_is_only_mentioned() {
    qa().steps("good", "- note: x")
        .steps("bad", "- seee: x")
        .args(["run", "good"])
        .stderr_has("`qa check`")
        .exit_code(0);
}

#[test]
fn a_broken_fragment_counts_for_those_alone_who_include_it() {
    for fragment in [
        "fragment: true\nsteps:\n  - include: part.yaml\n",
        "fragment: true\nsteps:\n  - press: no-such-key\n",
        "fragment: true\nsteps:\n  - [\n",
    ] {
        let project = || {
            qa().file("scenarios/part.yaml", fragment)
                .file(
                    "scenarios/outer.yaml",
                    "fragment: true\nsteps:\n  - include: part.yaml\n",
                )
                .steps("good", "- note: x")
                .steps(
                    "user",
                    "- group: { name: g, steps: [ { include: outer.yaml } ] }",
                )
        };
        project()
            .args(["run", "good"])
            .stderr_has("`qa check`")
            .exit_code(0);
        refused(project(), &["run", "user"], &["scenarios/part.yaml:3:"]);
    }
}

#[test]
fn check_shows_the_line_and_counts() {
    qa().steps("s", "- seee: login")
        .args(["check"])
        .stdout_has("scenarios/s.yaml:3:5")
        .stdout_has("- seee: login")
        .stdout_has(" 1 error, ")
        .exit_code(2);
}

#[test]
fn a_file_that_cannot_be_read_is_not_called_unknown() {
    let outcome = qa()
        .file("broken.yaml", "steps:\n  - see: [a\n")
        .args(["run", "broken.yaml"])
        .stderr_has("a `[` that is never closed")
        .exit_code(2);
    assert!(
        !outcome.stderr().contains("unknown scenario"),
        "{}",
        outcome.stderr()
    );
}

#[test]
fn a_project_that_names_no_folder_of_scenarios_needs_none() {
    qa().project("images: { disk: { path: disk.img, machine: bios-x86_64 } }\n")
        .file("one.yaml", "image: disk\nsteps:\n  - note: x\n")
        .args(["run", "one.yaml"])
        .exit_code(0);
}
