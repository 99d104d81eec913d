//! `media` and `boot`: what is in the drive for CDs, and from which disk a machine starts.

use qa_tests::{Entry, Fake, Outcome, Qa, Screen, act, cd, on};
use reports::CauseKind;

use crate::{qa, steps};

const PROJECT: &str = "\
scenarios: [scenarios]
needles: [needles]
images:
  disk: { path: install.iso, machine: pc }
machines:
  pc: { preset: bios-x86_64, accel: tcg, memory: 64M, disks: [{ size: 1G }, { size: 2G }] }
";

/// A machine with an installer in its drive, and two disks.
fn from_cd(qa: Qa) -> Qa {
    qa.project(PROJECT)
        .file("install.iso", cd("installer"))
        .file("second.iso", cd("second"))
        .needles(["installer", "installed", "spare"])
        .machine(installer())
}

fn installer() -> Fake {
    let shows = |word| [act::show(&Screen::of(word))];
    Fake::new()
        .whenever(on::boot_from("disk0"), shows("installer"))
        .whenever(on::boot_from("disk1"), shows("installed"))
        .whenever(on::boot_from("disk2"), shows("spare"))
        .whenever(on::power_button(), [act::power_off()])
}

/// The options of the machine that was started last.
fn last_start(outcome: &Outcome) -> String {
    let journal = outcome.journal();
    journal.starts().last().unwrap().join(" ")
}

fn commands(outcome: &Outcome, prefix: &str) -> Vec<String> {
    let name = |entry: &Entry| match entry {
        Entry::Command(command) => command["execute"].as_str().map(str::to_owned),
        _ => None,
    };
    let names = outcome.journal().entries().iter().filter_map(name);
    names.filter(|name| name.starts_with(prefix)).collect()
}

#[test]
fn an_installed_disk_starts_once_its_installer_was_taken_out() {
    let outcome = from_cd(steps(
        "- see: installer\n- shutdown:\n- media: eject\n- power: on\n- see: installed",
    ))
    .exit_code(0);
    let options = last_start(&outcome);
    assert!(options.contains("ide-cd,bus=ide.0,id=drive0,bootindex=0"));
    assert!(!options.contains("install.iso"), "{options}");
}

#[test]
fn the_drive_and_the_boot_order_change_while_the_machine_runs() {
    let reset = "- reboot: { by: reset }";
    let outcome = from_cd(steps(&format!(
        "- see: installer\n- media: eject\n{reset}\n- see: installed\n\
         - media: {{ insert: install.iso }}\n{reset}\n- see: installer\n\
         - media: {{ insert: second.iso }}\n- boot: disk2\n{reset}\n- see: spare\n\
         - boot: disk1\n{reset}\n- see: installed\n- boot: cd\n{reset}\n- see: installer"
    )))
    .exit_code(0);
    assert_eq!(outcome.journal().pids().len(), 1, "one process");
    assert_eq!(
        commands(&outcome, "blockdev-"),
        [
            "blockdev-open-tray",
            "blockdev-remove-medium",
            "blockdev-del",
            "blockdev-open-tray",
            "blockdev-remove-medium",
            "blockdev-add",
            "blockdev-insert-medium",
            "blockdev-close-tray",
            "blockdev-open-tray",
            "blockdev-remove-medium",
            "blockdev-del",
            "blockdev-add",
            "blockdev-insert-medium",
            "blockdev-close-tray",
        ]
    );
}

#[test]
fn a_machine_without_power_has_them_when_it_is_switched_on() {
    let outcome = from_cd(steps(
        "- power: cut\n- media: { insert: second.iso }\n- boot: disk1\n- power: on\n- see: installed\n\
         - power: cut\n- boot: cd\n- power: on\n- see: installer",
    ))
    .exit_code(0);
    assert_eq!(commands(&outcome, "blockdev-"), [""; 0]);
    let options = last_start(&outcome);
    assert!(options.contains("second.iso") && !options.contains("install.iso"));
}

#[test]
fn a_step_reads_as_it_was_meant() {
    let outcome = from_cd(steps("- media: { insert: second.iso }\n- boot: disk1")).exit_code(0);
    let report = outcome.file("report.html");
    for line in ["media insert second.iso", "boot from disk1"] {
        assert!(report.contains(line), "{line}");
    }
}

#[test]
fn a_machine_without_a_drive_is_told_before_anything_starts() {
    let outcome = steps("- media: eject")
        .stderr_has("error[no-drive]: the machine `pc` with the image `disk` has no drive for CDs")
        .stderr_has("scenarios/s.yaml:3:5")
        .stderr_has("test an image that is a CD")
        .exit_code(2);
    assert_eq!(outcome.journal().pids(), [0_u32; 0]);
    outcome
        .then()
        .args(["check"])
        .stdout_has("error[no-drive]: the machine `pc` with the image `disk` has no drive for CDs")
        .exit_code(2);
}

#[test]
fn a_disk_that_is_not_there_is_told_with_those_that_are() {
    let outcome = from_cd(steps("- boot: disk3"))
        .stderr_has("error[no-drive]: the machine `pc` with the image `disk` has no `disk3`")
        .stderr_has("it has `disk1`, `disk2`, `cd`")
        .exit_code(2);
    outcome
        .then()
        .args(["check"])
        .any_stdout()
        .stdout_has("error[no-drive]: the machine `pc` with the image `disk` has no `disk3`")
        .exit_code(2);
}

#[test]
fn what_only_the_run_tells_is_an_error_of_the_scenario() {
    for (step, message, hint) in [
        (
            "{ media: eject, when: image == 'disk' }",
            "the machine `pc` with the image `disk` has no drive for CDs",
            "an image that is a CD",
        ),
        (
            "boot: '{{ where }}'",
            "the machine `pc` with the image `disk` has no `disk1`",
            "it has `disk`",
        ),
    ] {
        let outcome = steps(&format!("- set: {{ where: disk1 }}\n- {step}")).exit_code(3);
        let cause = outcome.cause_of("s", CauseKind::Scenario);
        assert_eq!(cause.message, message);
        assert!(
            cause.hints.iter().any(|told| told.contains(hint)),
            "{cause:?}"
        );
    }
}

#[test]
fn a_medium_that_is_none_is_told_before_anything_starts_where_it_is_known() {
    let qa = || from_cd(qa()).file("notes.iso", "milk\n");
    for (path, told) in [
        ("gone.iso", "no image at"),
        ("notes.iso", "is not a disk image"),
        ("scenarios", "is a directory"),
    ] {
        let outcome = qa()
            .steps("s", &format!("- media: {{ insert: {path} }}"))
            .args(["run", "s"])
            .stderr_has(told)
            .stderr_has("start at the folder of qa.yaml")
            .exit_code(2);
        assert_eq!(outcome.journal().pids(), [0_u32; 0]);
        let later = format!(
            "- set: {{ iso: {path} }}\n- see: installer\n- media: {{ insert: '{{{{ iso }}}}' }}"
        );
        let outcome = qa().steps("s", &later).args(["run", "s"]).exit_code(3);
        let cause = outcome.cause_of("s", CauseKind::Image);
        assert!(cause.message.contains(told), "{cause:?}");
    }
}

#[test]
fn a_drive_that_qemu_does_not_open_is_no_failure_of_the_system() {
    let outcome = from_cd(steps("- media: eject"))
        .machine(Fake::new().on(on::command("blockdev-open-tray"), [act::die()]))
        .exit_code(3);
    assert_eq!(outcome.cause("s").kind, CauseKind::MachineExited);
}

#[test]
fn a_recipe_says_whether_its_image_is_a_cd() {
    for (layout, summary, status) in [
        ("live-cd", " 0 errors", 0),
        (
            "disk",
            "error[no-drive]: the machine `uefi-x86_64` with the image `tiny`",
            2,
        ),
    ] {
        qa().project("scenarios: [scenarios]\nimages: { tiny: { recipe: tiny } }\n")
            .file("vm/images/build", "#!/bin/sh\n")
            .file(&format!("vm/images/layouts/{layout}"), "")
            .file("vm/images/tiny/disk", format!("layout={layout}\n"))
            .scenario("s", "image: tiny\nsteps:\n  - media: eject\n")
            .args(["check"])
            .any_stdout()
            .stdout_has(summary)
            .exit_code(status);
    }
}
