//! A machine whose drive or boot order was changed is saved and restored with the same.

use qa_tests::{Fake, Outcome, Qa, Screen, act, cd, on};
use reports::Verdict;

use super::{is_clean, starts};
use crate::qa;

/// An installation from a CD that ends with these steps, and what is done with it afterwards.
fn project(ends: &str, goes_on: &str) -> Qa {
    let shows = |word| [act::show(&Screen::of(word))];
    let machine = Fake::new()
        .whenever(on::boot_from("disk0"), shows("installer"))
        .whenever(on::boot_from("disk1"), shows("installed"))
        .whenever(on::power_button(), [act::power_off()]);
    qa().project("scenarios: [scenarios]\nneedles: [needles]\nimages: { cd: { path: install.iso, machine: pc } }\n\
        machines: { pc: { preset: bios-x86_64, accel: tcg, memory: 64M, disks: [{ size: 1G }] } }\n")
        .file("install.iso", cd("installer"))
        .file("second.iso", cd("second"))
        .needles(["installer", "installed"])
        .scenario(
            "install",
            &format!("image: cd\nsteps:\n  - see: installer\n{ends}"),
        )
        .scenario(
            "use",
            &format!("image: cd\nafter: install\nsteps:\n{goes_on}"),
        )
        .machine(machine)
}

/// A call in the project, with the machine as it was at first.
fn run(project: &Qa) -> Qa {
    project.beside().args(["run", "use"])
}

#[track_caller]
fn passed(outcome: &Outcome, from: &str) {
    assert_eq!(outcome.scenario("use").verdict, Verdict::Passed);
    assert_eq!(starts(outcome, "use"), [from]);
}

fn last_start(outcome: &Outcome) -> String {
    outcome.journal().starts().last().unwrap().join(" ")
}

#[test]
fn an_installed_machine_that_is_off_goes_on_without_its_cd() {
    let qa = project(
        "  - shutdown:\n  - media: eject\n",
        "  - power: on\n  - see: installed\n",
    );
    let first = run(&qa).exit_code(0);
    passed(&first, "power-on");
    assert_eq!(first.saved(), ["install"]);
    let second = run(&qa).exit_code(0);
    passed(&second, "earlier:install");
    let starts = second.journal().starts();
    assert_eq!(starts.len(), 2, "restored, and switched on");
    for options in starts {
        assert!(!options.join(" ").contains("install.iso"), "{options:?}");
    }
    is_clean(&second);
}

#[test]
fn a_running_machine_goes_on_with_its_medium_and_boot_order() {
    let qa = project(
        "  - media: { insert: second.iso }\n  - boot: disk1\n",
        "  - see: installer\n  - reboot: { by: reset }\n  - see: installed\n",
    );
    let first = run(&qa).exit_code(0);
    passed(&first, "power-on");
    let second = run(&qa).exit_code(0);
    passed(&second, "earlier:install");
    let options = last_start(&second);
    assert!(options.contains("second.iso") && !options.contains("install.iso"));
    assert!(options.contains("drive=disk1,bootindex=0"), "{options}");

    // Another medium under the same name is another machine.
    let third = run(&qa).file("second.iso", cd("third")).exit_code(0);
    passed(&third, "power-on");
    assert_eq!(third.saved(), ["install"]);
}

#[test]
fn a_machine_without_power_is_no_checkpoint_and_goes_on_all_the_same() {
    let qa = project(
        "  - power: cut\n  - media: eject\n",
        "  - power: on\n  - see: installed\n",
    );
    let outcome = run(&qa).exit_code(0);
    passed(&outcome, "power-on");
    assert!(outcome.saved().is_empty());
    let reasons = outcome.unusable();
    assert!(
        reasons.len() == 1 && reasons[0].contains("the machine is not running any more"),
        "{reasons:?}"
    );
}

#[test]
fn a_machine_that_is_kept_is_opened_with_what_is_in_its_drive() {
    let qa = project(
        "  - media: eject\n",
        "  - see: { needle: installed, within: 20ms }\n",
    );
    let failed = run(&qa).args(["--keep"]).exit_code(1);
    assert_eq!(failed.scenario("use").verdict, Verdict::Failed);
    let resumed = qa
        .beside()
        .machine(Fake::new().on(on::command("query-vnc"), [act::signal_qa("INT")]))
        .args(["resume", "latest"])
        .exit_code(0);
    let options = last_start(&resumed);
    assert!(!options.contains("install.iso"), "{options}");
}
