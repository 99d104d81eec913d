//! `--matrix`: scenarios on several images and machines.

use qa_tests::{Fake, Outcome, Qa, Screen, act, boot_disk, on};
use reports::{CauseKind, Event, StartedFrom, Verdict};
use serde_json::Value;

use crate::qa;

const PROJECT: &str = "\
scenarios: [scenarios]
needles: [needles]
images:
  disk: { path: disk.img, machine: pc }
  other: { path: other.img, machine: pc, vars: { user: bob } }
machines:
  pc: { preset: bios-x86_64, accel: tcg, memory: 64M }
  big: { preset: bios-x86_64, accel: tcg, memory: 128M, agent: false }
  safe: { preset: bios-x86_64, accel: tcg, memory: 64M, tpm: true }
vars: { user: alice, lang: en }
matrix:
  nightly:
    title: All that must hold in the morning
    images: [disk, other]
    machines: [pc, big]
    scenarios: [login, calculator]
    exclude:
      - { image: other, machine: big }
    include:
      - { image: other, scenario: editor, vars: { lang: de } }
  agents:
    images: disk
    machines: [pc, big]
    scenarios: agent
  sealed:
    images: disk
    machines: [pc, safe]
    scenarios: sealed
";

const LOGIN: &str = "\
title: Logs in
image: disk
steps:
  - type: \"{{ user }} {{ machine }}\\n\"
  - see: { needle: desktop, within: 20ms }
";

/// The login holds on one of the machines.
fn machine() -> Fake {
    Fake::shows(&Screen::of("greeter"))
        .on(on::typed("pc\n"), [act::show(&Screen::of("desktop"))])
        .on(on::typed("calc"), [act::show(&Screen::of("calculator"))])
}

fn project() -> Qa {
    let mut other = boot_disk();
    other.extend([0; 512]);
    qa().project(PROJECT)
        .file("other.img", other)
        .scenario("login", LOGIN)
        .scenario(
            "calculator",
            "title: Adds\nafter: login\nsteps:\n  - type: calc\n  - see: calculator\n",
        )
        .scenario("editor", "image: disk\nsteps:\n  - type: '{{ lang }}'\n")
        .scenario(
            "agent",
            "image: disk\nrequires: agent\nsteps:\n  - note: x\n",
        )
        .scenario(
            "sealed",
            "image: disk\nrequires: [agent, tpm]\nsteps:\n  - note: x\n",
        )
        .needles(["desktop", "calculator"])
        .machine(machine())
}

fn verdicts(outcome: &Outcome) -> Vec<(String, Verdict)> {
    let scenarios = outcome.run().scenarios.into_iter();
    scenarios
        .map(|scenario| (scenario.info.name, scenario.verdict))
        .collect()
}

#[test]
fn every_combination_is_judged_under_its_own_name() {
    let outcome = project()
        .args(["run", "--matrix", "nightly"])
        .stdout_has("calculator@disk+big")
        .exit_code(1);
    let named = |name: &str, verdict| (name.to_owned(), verdict);
    assert_eq!(
        verdicts(&outcome),
        [
            named("login@disk+pc", Verdict::Passed),
            named("calculator@disk+pc", Verdict::Passed),
            named("login@disk+big", Verdict::Failed),
            named("calculator@disk+big", Verdict::Skipped),
            named("login@other+pc", Verdict::Passed),
            named("calculator@other+pc", Verdict::Passed),
            named("editor@other+pc", Verdict::Passed),
        ]
    );
    for folder in ["login@disk+pc", "login@disk+big", "login@other+pc"] {
        assert!(
            !outcome.file(&format!("{folder}/qemu.args")).is_empty(),
            "{folder}"
        );
    }
    let run = outcome.run();
    assert_eq!(run.matrix.as_deref(), Some("nightly"));
    let info = &run.scenarios[2].info;
    assert_eq!(
        (info.own_name(), info.image.as_str(), info.machine.as_str()),
        ("login", "disk", "big")
    );
    let junit = outcome.file("junit.xml");
    for part in [
        "<testsuite id=\"0\" name=\"disk on pc\"",
        "<testsuite id=\"1\" name=\"disk on big\"",
        "<testsuite id=\"2\" name=\"other on pc\"",
        "<testcase name=\"login@disk+big\"",
        "classname=\"disk.big\"",
    ] {
        assert!(junit.contains(part), "{part}: {junit}");
    }
    assert!(outcome.file("report.html").contains("Matrix nightly"));
}

#[test]
fn what_a_scenario_starts_after_is_run_once_on_each_image_and_machine() {
    let outcome = project()
        .args([
            "run",
            "--matrix",
            "nightly",
            "--machine",
            "pc",
            "login",
            "calculator",
            "--jobs",
            "1",
            "--no-checkpoints",
        ])
        .exit_code(0);
    assert_eq!(outcome.journal().pids().len(), 2, "a boot for each image");
    assert_eq!(outcome.journal().typed(), "alice pc\ncalcbob pc\ncalc");
    for image in ["disk", "other"] {
        let attempts = outcome.attempts(&format!("calculator@{image}+pc"));
        let continued = StartedFrom::Continued {
            scenario: "login".to_owned(),
        };
        assert_eq!(attempts, [(continued, Verdict::Passed)], "{image}");
    }
}

#[test]
fn a_second_run_starts_where_the_same_image_and_machine_were_saved() {
    let part = [
        "run",
        "--matrix",
        "nightly",
        "calculator",
        "--machine",
        "pc",
    ];
    let first = project().args(part).exit_code(0);
    assert_eq!(first.checkpoints().len(), 2, "one for each image");
    let second = first.then().machine(machine()).args(part).exit_code(0);
    assert_eq!(
        second.journal().typed(),
        "calccalc",
        "no login is run again"
    );
}

#[test]
fn variables_of_a_matrix_win_over_those_of_the_project() {
    let typed = |args: &[&str]| {
        let call = ["run", "--matrix", "nightly", "editor"];
        let outcome = project()
            .args(call.iter().chain(args).copied())
            .exit_code(0);
        outcome.journal().typed()
    };
    assert_eq!(typed(&[]), "de");
    assert_eq!(typed(&["--var", "lang=fr"]), "fr");
    let alone = project().args(["run", "editor"]).exit_code(0);
    assert_eq!(alone.journal().typed(), "en");
}

#[test]
fn a_part_is_named_by_scenario_image_machine_or_what_a_result_is_called() {
    let ran = |args: &[&str]| {
        let call = ["run", "--matrix", "nightly"];
        let outcome = project()
            .args(call.iter().chain(args).copied())
            .exit_code(0);
        let names = verdicts(&outcome).into_iter().map(|(name, _)| name);
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ran(&["login@disk+pc"]), "login@disk+pc");
    assert_eq!(
        ran(&["--image", "other"]),
        "login@other+pc calculator@other+pc editor@other+pc"
    );
    assert_eq!(ran(&["editor", "--machine", "pc"]), "editor@other+pc");
}

#[test]
fn what_a_matrix_does_not_run_is_told_before_anything_starts() {
    let nightly = "the matrix `nightly` ";
    for (args, message) in [
        (
            &["run", "--matrix", "nightli"][..],
            "unknown matrix `nightli`".to_owned(),
        ),
        (
            &["run", "--matrix", "nightly", "logn"],
            "unknown scenario `logn`".to_owned(),
        ),
        (
            &["run", "--matrix", "nightly", "agent"],
            format!("{nightly}does not run the scenario `agent`"),
        ),
        (
            &["run", "--matrix", "nightly", "login@other+big"],
            format!("{nightly}does not run the combination `login@other+big`"),
        ),
        (
            &["run", "--matrix", "nightly", "--image", "gnome"],
            format!("{nightly}does not run the image `gnome`"),
        ),
        (
            &["run", "--matrix", "nightly", "--machine", "uefi-x86_64"],
            format!("{nightly}does not run the machine `uefi-x86_64`"),
        ),
        (
            &["run", "--matrix", "nightly", "editor", "--machine", "big"],
            format!("{nightly}has no combination with all of these names"),
        ),
        (
            &["list", "--matrix", "nightli"],
            "did you mean `nightly`?".to_owned(),
        ),
    ] {
        let outcome = project()
            .args(args.iter().copied())
            .stderr_has(&message)
            .exit_code(2);
        assert!(outcome.journal().pids().is_empty(), "{args:?}");
    }
}

#[test]
fn a_matrix_with_an_error_in_it_runs_nothing() {
    let wrong = PROJECT.replace(
        "scenarios: [login, calculator]",
        "scenarios: [login, login]",
    );
    let outcome = project()
        .project(&wrong)
        .args(["run", "--matrix", "nightly"])
        .stderr_has("the matrix `nightly` has `login` on `disk` and `pc` twice")
        .exit_code(2);
    assert!(outcome.journal().pids().is_empty());
    qa().without_project()
        .args(["run", "--matrix", "nightly"])
        .stderr_has("there is no matrix `nightly`")
        .exit_code(2);
}

#[test]
fn a_capability_that_one_of_the_machines_lacks_is_a_skip_there() {
    let outcome = project().args(["run", "--matrix", "agents"]).exit_code(0);
    assert_eq!(outcome.verdict("agent@disk+pc").0, Verdict::Passed);
    let (verdict, cause) = outcome.verdict("agent@disk+big");
    let cause = cause.unwrap();
    assert_eq!(
        (verdict, cause.kind),
        (Verdict::Skipped, CauseKind::Missing)
    );
    let reason = "`agent` requires `agent`, which the machine `big` does not have";
    assert_eq!(cause.message, reason);
    for report in ["junit.xml", "report.html"] {
        assert!(outcome.file(report).contains(reason), "{report}");
    }
    assert!(
        outcome.stdout().contains("agent@disk+big") && outcome.stdout().contains("1 skipped"),
        "{}",
        outcome.stdout()
    );
}

#[test]
fn a_machine_that_this_host_cannot_run_is_an_error_and_the_others_run() {
    let foreign = "\
scenarios: [scenarios]
needles: [needles]
images:
  disk: { path: disk.img, machine: pc }
  arm: { path: other.img, arch: aarch64 }
machines:
  pc: { preset: bios-x86_64, accel: tcg, memory: 64M }
vars: { user: alice, lang: en }
matrix:
  nightly:
    images: [arm, disk]
    scenarios: [login, calculator]
";
    let outcome = project()
        .project(foreign)
        .args(["run", "--matrix", "nightly", "--retries", "2"])
        .exit_code(3);
    for name in ["login@arm+uefi-aarch64", "calculator@arm+uefi-aarch64"] {
        let scenario = outcome.scenario(name);
        assert_eq!(scenario.verdict, Verdict::Error, "{name}");
        assert_eq!(scenario.attempts.len(), 1, "trying again installs nothing");
        let cause = scenario.cause.unwrap();
        assert_eq!(cause.kind, CauseKind::Launch);
        assert!(
            cause.message.contains("`qemu-system-aarch64`")
                && format!("{cause:?}").contains("qemu-system-arm")
                && cause.hints.len() == 1,
            "{cause:?}"
        );
    }
    for name in ["login@disk+pc", "calculator@disk+pc"] {
        assert_eq!(outcome.verdict(name).0, Verdict::Passed, "{name}");
    }
    assert!(outcome.file("junit.xml").contains("qemu-system-arm"));
    outcome
        .then()
        .args(["run", "--matrix", "nightly", "--plan"])
        .any_stdout()
        .stdout_has("    machine `uefi-aarch64` cannot start on this host: ")
        .stdout_has("cannot run")
        .stdout_has(", 2 left out")
        .exit_code(0);
}

#[test]
fn list_shows_what_a_matrix_runs() {
    project()
        .args(["list", "--matrix", "nightly"])
        .stdout(
            "\
disk on pc
  login                 Logs in
  calculator            Adds  (after login)
disk on big
  login                 Logs in
  calculator            Adds  (after login)
other on pc
  login                 Logs in
  calculator            Adds  (after login)
  editor
",
        )
        .exit_code(0);
    project()
        .args(["list", "--matrix", "agents"])
        .stdout(
            "\
disk on pc
  agent
disk on big
  agent                   (skipped: the machine has no agent)
",
        )
        .exit_code(0);
    project()
        .args(["list", "--matrix", "sealed"])
        .stdout(
            "\
disk on pc
  sealed                  (skipped: the machine has no tpm)
disk on safe
  sealed
",
        )
        .exit_code(0);
    project()
        .args(["list"])
        .stdout_has(
            "matrices\n  agents\n  nightly               All that must hold in the morning\n  sealed\n",
        )
        .exit_code(0);
}

#[test]
fn list_of_a_matrix_for_programs_has_a_line_a_combination() {
    let outcome = project()
        .args(["list", "--matrix", "agents", "--format", "json"])
        .any_stdout()
        .exit_code(0);
    let lines: Vec<Value> = outcome
        .stdout()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["name"], "agent@disk+pc");
    assert_eq!(lines[0]["lacks"], Value::Null);
    assert_eq!(
        (
            lines[1]["image"].as_str(),
            lines[1]["machine"].as_str(),
            lines[1]["lacks"].as_str()
        ),
        (Some("disk"), Some("big"), Some("agent"))
    );
}

#[test]
fn the_plan_of_a_matrix_has_a_tree_for_each_image_and_machine() {
    project()
        .args(["run", "--matrix", "nightly", "--plan", "--image", "other"])
        .any_stdout()
        .stdout_has("power-on, other on pc\n")
        .stdout_has("judges calculator@other+pc")
        .exit_code(0);
}

#[test]
fn a_combination_that_failed_is_resumed_with_the_variables_of_the_matrix() {
    let failed = project()
        .scenario(
            "editor",
            "image: disk\nsteps:\n  - type: '{{ lang }}'\n  - see: { needle: desktop, within: 20ms }\n",
        )
        .args(["run", "--matrix", "nightly", "editor", "--no-checkpoints"])
        .exit_code(1);
    let resumed = failed
        .then()
        .machine(machine().on(on::command("query-vnc"), [act::signal_qa("INT")]))
        .args(["resume", "latest", "editor@other+pc"])
        .exit_code(0);
    assert_eq!(resumed.journal().typed(), "de");
    let gone = failed
        .then()
        .project(
            &PROJECT
                .replace("scenario: editor", "scenario: agent")
                .replace(", vars: { lang: de }", ""),
        )
        .args(["resume", "latest"])
        .stderr_has("the matrix `nightly` does not run `editor@other+pc` any more")
        .exit_code(2);
    assert!(gone.journal().pids().is_empty());
}

#[test]
fn events_are_under_the_name_of_the_combination_and_stages_under_the_scenarios() {
    let outcome = project()
        .args([
            "run",
            "--matrix",
            "nightly",
            "calculator",
            "--image",
            "other",
        ])
        .exit_code(0);
    let stages: Vec<_> = outcome
        .entries()
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::StageStarted { stage, .. } => Some(format!("{} {stage}", entry.scenario()?)),
            _ => None,
        })
        .collect();
    assert_eq!(
        stages,
        [
            "calculator@other+pc login",
            "calculator@other+pc calculator"
        ]
    );
    let talk = outcome.stderr();
    assert!(talk.contains("calculator@other+pc: first login"), "{talk}");
    assert!(!talk.contains("first calculator"), "{talk}");
}

#[test]
fn an_image_does_not_start_on_a_machine_of_another_architecture() {
    let outcome = project()
        .args(["run", "login", "--machine", "uefi-aarch64"])
        .stderr_has("the image `disk` is for x86_64, and the machine `uefi-aarch64` is aarch64")
        .exit_code(2);
    assert!(outcome.journal().pids().is_empty());
}
