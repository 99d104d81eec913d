//! A wait ends as soon as it cannot succeed, and none that would have succeeded ends so.

use std::{fs, path::Path};

use qa_tests::{Act, Fake, Qa, Screen, act, on};
use reports::{CauseKind, Verdict};

use crate::{qa, steps};

/// The time for which a state must last in these tests, in milliseconds.
const GRACE: &str = "300";

const PANIC: &str = "[    2.9] Kernel panic - not syncing: Attempted to kill init!\r\n";

/// The words of a console in each state; a machine that is off says nothing.
const SAID: [(&str, &str); 5] = [
    (
        "no-root-disk",
        "[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n",
    ),
    ("kernel-panic", PANIC),
    (
        "no-root-device",
        "ALERT!  /dev/vdz does not exist.  Dropping to a shell!\r\n(initramfs) ",
    ),
    (
        "emergency-shell",
        "You are in emergency mode. After logging in, type \"journalctl -xb\"\r\n",
    ),
    (
        "nothing-to-start",
        "BdsDxe: No bootable option or device was found.\r\n",
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
    for (name, said) in SAID {
        for step in [
            "- serial: { regex: never, within: 2h }",
            "- see: { needle: login, within: 2h }",
            "- click: { needle: login, within: 2h }",
            "- run: { command: 'true', within: 2h }",
        ] {
            let outcome = hoping(step, says(said)).exit_code(1);
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
    let message = hoping(off, machine).exit_code(1).cause("s").message;
    assert!(message.contains("the machine is off"), "{message}");
}

#[test]
fn a_state_that_is_switched_off_ends_nothing() {
    for (name, said) in SAID {
        let off = SAID
            .map(|(name, _)| format!("{{ off: {name} }}"))
            .join(", ");
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
