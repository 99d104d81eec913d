//! A wait ends as soon as it cannot succeed, and none that would have succeeded ends so.

use std::{fs, path::Path};

use qa_tests::{Act, Fake, Qa, Screen, act, on};
use reports::{CauseKind, Verdict};

use crate::{qa, steps};

/// The time for which a state must last in these tests, in milliseconds.
const GRACE: &str = "300";

const PANIC: &str = "[    2.9] Kernel panic - not syncing: Attempted to kill init!\r\n";

/// The words of a console in each state, and the fault that it is of. A machine that is off says nothing, nor do
/// processors that have halted.
const SAID: [(&str, &str, &str); 5] = [
    (
        "no-root-disk",
        "[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n",
        "the guest's kernel finds no root file system",
    ),
    (
        "kernel-panic",
        PANIC,
        "the guest's kernel panics, without pvpanic",
    ),
    (
        "no-root-device",
        "ALERT!  /dev/vdz does not exist.  Dropping to a shell!\r\n(initramfs) ",
        "the guest's initrd finds no root device",
    ),
    (
        "emergency-shell",
        "You are in emergency mode. After logging in, type \"journalctl -xb\"\r\n",
        "the guest comes to its emergency shell",
    ),
    (
        "nothing-to-start",
        "BdsDxe: No bootable option or device was found.\r\n",
        "the firmware (UEFI) finds nothing to start",
    ),
];

fn says(text: &str) -> Fake {
    Fake::shows(&Screen::of("here")).on(
        on::captures(1),
        [act::say(text), act::show(&Screen::of("crash"))],
    )
}

fn hoping(yaml: &str, machine: Fake) -> Qa {
    steps(yaml)
        .needles(["here", "login"])
        .env("QA_GRACE", GRACE)
        .machine(machine)
}

#[test]
fn every_wait_for_something_ends_in_every_state() {
    for (name, said, fault) in SAID {
        for step in [
            "- serial: { regex: never, within: 2h }",
            "- see: { needle: login, within: 2h }",
            "- click: { needle: login, within: 2h }",
            "- run: { command: 'true', within: 2h }",
        ] {
            let outcome = hoping(step, says(said)).exit_code(1);
            outcome.shows(fault);
            let cause = outcome.cause("s");
            assert_eq!(cause.kind, CauseKind::Deadline, "{name}: {cause:?}");
            assert!(
                cause.message.starts_with("it cannot succeed any more: "),
                "{name}: {cause:?}"
            );
            assert!(
                cause.hints.iter().any(|hint| hint.contains(name)),
                "{name}: {cause:?}"
            );
        }
    }
}

#[test]
fn a_machine_that_is_off_ends_a_wait() {
    let off =
        "- run: { command: poweroff, powers_off: true }\n- serial: { regex: never, within: 2h }";
    let machine = Fake::new()
        .on(on::boot(), [act::agent_comes()])
        .on(on::ran("poweroff"), [act::power_off()])
        .answers("poweroff", 0, "");
    let outcome = hoping(off, machine).exit_code(1);
    outcome.shows("the machine is off, and a step waits for it");
}

const NEVER: &str = "- serial: { regex: never, within: 2h }";

#[test]
fn processors_that_have_halted_for_good_end_a_wait_and_idle_ones_do_not() {
    let halted = Fake::shows(&Screen::of("here")).on(on::captures(1), [act::halt()]);
    let outcome = hoping(NEVER, halted).exit_code(1);
    outcome.shows("all processors of the guest have halted");
    let idle = Fake::shows(&Screen::of("here"))
        .on(on::captures(1), [act::idle()])
        .on(on::shown(1500), [act::say("login:\r\n")]);
    hoping("- serial: 'login:'", idle).exit_code(0);
}

#[test]
fn a_firmware_that_says_in_its_log_that_it_found_nothing_ends_a_wait() {
    let bios = "SeaBIOS (version 1.16.2)\nBooting from Hard Disk...\nBoot failed: not a bootable disk\n\n\
        No bootable device.\n";
    let machine = Fake::new().on(on::boot(), [act::say_as_firmware(bios)]);
    let outcome = hoping(NEVER, machine).exit_code(1);
    outcome.shows("the firmware (BIOS) finds nothing to start");
    let shell = "BdsDxe: starting Boot0002 \"EFI Internal Shell\" from Fv(7CB8BDC9)\r\nShell> ";
    let machine = Fake::new().on(on::boot(), [act::say(shell)]);
    let outcome = hoping(NEVER, machine).exit_code(1);
    outcome.shows("the firmware (UEFI) comes to its shell");
}

#[test]
fn a_state_that_is_switched_off_ends_nothing() {
    let off = SAID
        .map(|(name, ..)| format!("{{ off: {name} }}"))
        .join(", ");
    for (name, said, _) in SAID {
        let scenario = format!("image: disk\nwatch: [{off}]\nsteps:\n  - serial: login\n");
        let outcome = qa()
            .scenario("s", &scenario)
            .args(["run", "s"])
            .env("QA_GRACE", GRACE)
            .machine(says(said).on(on::shown(1500), [act::say("login: \r\n")]))
            .exit_code(0);
        assert_eq!(outcome.verdict("s").0, Verdict::Passed, "{name}");
    }
}

/// A project for which a state ends no wait, and one with such an image.
#[test]
fn a_state_is_switched_off_for_a_project_or_an_image() {
    let of_image = "\
scenarios: [scenarios]
images:
  disk: { path: disk.img, machine: pc, watch: [{ off: kernel-panic }] }
machines: { pc: { preset: bios-x86_64, accel: tcg, memory: 64M } }
";
    let call = |qa: Qa| {
        qa.steps("s", "- serial: 'login:'")
            .args(["run", "s"])
            .env("QA_GRACE", GRACE)
            .machine(says(PANIC).on(on::shown(1500), [act::say("login:\r\n")]))
    };
    call(qa().project_also("watch: [{ off: kernel-panic }]\n")).exit_code(0);
    call(qa().project(of_image)).exit_code(0);
    call(qa().project_also("watch: [{ off: no-root-disk }]\n")).exit_code(1);
}

#[test]
fn a_state_that_there_is_not_is_refused_with_the_nearest() {
    let check = |qa: Qa| {
        qa.steps("s", "- note: x")
            .args(["check"])
            .any_stdout()
            .any_stderr()
            .exit_code(2)
    };
    let project = check(qa().project_also("watch: [{ off: kernel-panik }]\n"));
    let image = "images: { disk: { path: disk.img, watch: [{ off: kernel-panik }] } }\n";
    let image = check(qa().project(image));
    let own = "image: disk\nwatch: [{ off: kernel-panik }]\nsteps:\n  - note: x\n";
    let own = qa()
        .scenario("s", own)
        .args(["check"])
        .any_stdout()
        .any_stderr()
        .exit_code(2);
    for outcome in [project, image, own] {
        let said = format!("{}{}", outcome.stdout(), outcome.stderr());
        assert!(
            said.contains("`kernel-panik`") && said.contains("`kernel-panic`"),
            "{said}"
        );
    }
}

/// Checks a wait in which a guest goes on although it said that it is done for.
fn goes_on(steps: &str, then: impl IntoIterator<Item = Act>) {
    let machine = says(PANIC).on(on::shown(1500), then);
    let outcome = hoping(steps, machine).exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
}

#[test]
fn a_restart_that_is_foreseen_is_waited_for() {
    goes_on(
        "- group: { name: g, resets: 1, steps: [{ serial: not syncing }, { serial: 'login:' }] }",
        [act::reset(), act::say("login:\r\n")],
    );
}

#[test]
fn who_looks_for_the_state_itself_finds_it_and_goes_on_from_there() {
    goes_on(
        "- serial: not syncing\n- serial: { regex: 'login:', within: 2m }",
        [act::say("login:\r\n")],
    );
}

#[test]
fn what_lasts_in_such_a_state_holds() {
    goes_on(
        "- serial: { absent: 'login:', for: 900ms }",
        [act::say("x")],
    );
    goes_on("- still: { for: 900ms, within: 30s }", [act::say("x")]);
    goes_on("- gone: here", [act::say("x")]);
}

/// A grace that the guest's signs of life come in, however busy the host is.
const LONG_GRACE: &str = "2000";

/// Checks the wait for a guest that comes to such a state, shows life by these acts, each well within the grace, and is
/// there at last.
#[track_caller]
fn comes_back(first: impl IntoIterator<Item = Act>, signs: impl IntoIterator<Item = Vec<Act>>) {
    let mut machine = Fake::shows(&Screen::of("here")).on(on::captures(1), first);
    for (number, sign) in signs.into_iter().enumerate() {
        let shown = act::show(&Screen::of(&format!("sign {number}")));
        machine = machine.on(on::shown(400), sign.into_iter().chain([shown]));
    }
    let machine = machine.on(on::shown(400), [act::say("\r\nlogin:\r\n")]);
    let outcome = steps("- serial: 'login:'")
        .env("QA_GRACE", LONG_GRACE)
        .machine(machine)
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
}

/// More signs than the grace is long.
const SIGNS: usize = 9;

#[test]
fn a_guest_whose_console_goes_on_after_such_a_line_is_waited_for() {
    for (_, said, _) in SAID {
        comes_back(
            [act::say(said)],
            (0..SIGNS).map(|_| vec![act::say("a line\r\n")]),
        );
    }
}

#[test]
fn a_guest_whose_screen_goes_on_after_such_a_line_is_waited_for() {
    for (_, said, _) in SAID {
        comes_back([act::say(said)], (0..SIGNS).map(|_| Vec::new()));
    }
}

#[test]
fn a_firmware_that_tries_the_network_or_its_script_next_is_waited_for() {
    for firmware in [
        act::say("Booting from Hard Disk...\r\nBoot failed: not a bootable disk\r\n\r\n"),
        act::say("No bootable device.  Retrying in 60 seconds.\r\n"),
        act::say_as_firmware(
            "SeaBIOS (version 1.16.2)\nNo bootable device.  Retrying in 60 seconds.\n",
        ),
        act::say(
            "BdsDxe: starting Boot0002 \"EFI Internal Shell\" from Fv(7CB8BDC9)\r\n\
            Press ESC in 5 seconds to skip startup.nsh\r\n",
        ),
    ] {
        // Silent for much longer than the grace, and nothing moves.
        let machine = Fake::shows(&Screen::of("here"))
            .on(on::captures(1), [firmware])
            .on(on::shown(1500), [act::say("login:\r\n")]);
        hoping("- serial: 'login:'", machine).exit_code(0);
    }
}

#[test]
fn processors_that_wake_up_again_are_waited_for() {
    let machine = Fake::shows(&Screen::of("here"))
        .on(on::captures(1), [act::halt()])
        .on(
            on::shown(500),
            [act::idle(), act::show(&Screen::of("awake"))],
        )
        .on(on::shown(3500), [act::say("login:\r\n")]);
    steps("- serial: 'login:'")
        .env("QA_GRACE", LONG_GRACE)
        .machine(machine)
        .exit_code(0);
}

#[test]
fn a_restart_that_is_allowed_is_waited_for() {
    let scenario = "image: disk\nwatch: [{ reboots: any }]\nsteps:\n  - serial: 'login:'\n";
    for (_, said, _) in SAID {
        qa().scenario("s", scenario)
            .args(["run", "s"])
            .env("QA_GRACE", GRACE)
            .machine(says(said).on(on::shown(1200), [act::reset(), act::say("login:\r\n")]))
            .exit_code(0);
    }
}

/// Steps of the shipped scenarios that go through a state which ends waits foresee the restart out of it.
#[test]
fn shipped_scenarios_that_go_through_such_a_state_foresee_a_restart() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut looked_at = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        looked_at += 1;
        let text = fs::read_to_string(&path).unwrap();
        let goes_through = [
            "panic",
            "emergency",
            "initramfs",
            "dracut",
            "rollback-automatic",
        ];
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if goes_through
            .iter()
            .any(|word| text.contains(word) || name.contains(word))
        {
            assert!(text.contains("resets:"), "{name}");
        }
    }
    assert!(looked_at > 20);
}
