//! `resets` and `powers_off`: what a machine does by itself, as often as a step says.

use qa_tests::{Act, Badge, Fake, Outcome, Qa, Screen, act, on};
use reports::{CauseKind, Event, MachineNews, ResetKind, StartedFrom};
use serde_json::json;

use crate::bad_host::descriptor;
use crate::qa;

const PROJECT: &str = "\
scenarios: [scenarios]
needles: [needles]
images:
  disk: { path: disk.img, machine: modern }
machines:
  modern: { preset: uefi-x86_64, accel: tcg, memory: 64M }
";

/// A UEFI machine: no firmware of its kind answers a reset with others, so every one counts.
fn modern() -> Qa {
    let qa = qa()
        .project(PROJECT)
        .file("code.fd", "code")
        .file("vars.fd", "vars");
    let descriptor = descriptor(&qa.root());
    qa.home_file(".config/qemu/firmware/00-test.json", descriptor)
}

fn steps(steps: &str) -> Qa {
    modern().steps("s", steps).args(["run", "s"])
}

/// The resets in the log, and whether each was expected.
fn told(outcome: &Outcome) -> Vec<(ResetKind, bool)> {
    let reset = |event| match event {
        Event::Machine {
            what: MachineNews::Reset { kind, expected, .. },
            ..
        } => Some((kind, expected)),
        _ => None,
    };
    outcome.events().into_iter().filter_map(reset).collect()
}

fn watchdog() -> [Act; 2] {
    [
        act::event("WATCHDOG", json!({"action": "reset"})),
        act::reset(),
    ]
}

/// A machine that shows the login, resets itself three times, and shows it again after the last.
fn gives_up() -> Fake {
    let login = || act::show(&Screen::of("login"));
    Fake::new()
        .on(on::boot(), [login()])
        .on(on::captures(1), [act::reset()])
        .on(on::boot(), [login()])
        .on(on::captures(1), [act::reset()])
        .on(on::boot(), [login()])
        .on(on::captures(1), [act::reset()])
        .on(on::boot(), [login()])
}

#[test]
fn a_look_counts_only_after_the_last_reset() {
    let outcome = steps("- see: { needle: login, resets: 3 }\n- type: \"alice\\n\"")
        .needles(["login"])
        .machine(gives_up().on(on::typed("alice\n"), [act::say("welcome\n")]))
        .stdout_has("3 resets by the guest")
        .exit_code(0);
    assert_eq!(told(&outcome), [(ResetKind::Guest, true); 3]);
    for report in ["junit.xml", "report.html"] {
        let text = outcome.file(report);
        assert!(text.contains("3 resets by the guest"), "{report}: {text}");
        assert!(
            text.contains("see login (3 resets by the guest)"),
            "{report}"
        );
    }
    let after = outcome.events().into_iter().any(|event| {
        matches!(
            event,
            Event::Machine {
                what: MachineNews::Reset {
                    after_ms: Some(_),
                    ..
                },
                ..
            }
        )
    });
    assert!(after, "how long it took is in the log");
}

#[test]
fn too_few_are_told_at_the_deadline() {
    let machine = Fake::shows(&Screen::of("login")).on(on::captures(1), [act::reset()]);
    let outcome = steps("- see: { needle: login, resets: 3, within: 250ms }")
        .needles(["login"])
        .machine(machine)
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Resets);
    assert!(
        cause
            .message
            .starts_with("the machine did not restart as often as expected within"),
        "{cause:?}"
    );
    assert!(
        cause
            .message
            .contains("the step says 3 resets by the guest, and there was 1: by the guest after"),
        "{cause:?}"
    );
}

#[test]
fn one_too_many_ends_the_wait_at_once() {
    let outcome = steps("- serial: { regex: never, within: 2h, resets: 2 }")
        .machine(gives_up())
        .exit_code(1);
    outcome.shows("the guest restarts more often than a step says (a reset loop)");
    let cause = outcome.cause_of("s", CauseKind::Resets);
    assert!(
        cause.message.starts_with(
            "the machine restarted once too often: the step says 2 resets by the guest, \
                and there were 3:"
        ),
        "{cause:?}"
    );
    assert_eq!(told(&outcome)[2], (ResetKind::Guest, false));
}

#[test]
fn what_a_serial_step_finds_is_of_after_the_resets() {
    steps("- serial: version 1\n- type: a\n- serial: { regex: 'version (.)', save: v, resets: 1 }\n- assert: v == '2'")
        .machine(
            Fake::new()
                .on(on::captures(1), [act::say("version 1\nversion 7\n")])
                .on(on::typed("a"), [act::show(&Screen::of("restarts"))])
                .on(on::captures(20), [act::reset()])
                // Later than the reset, which begins to count anew.
                .on(on::captures(21), [act::say("version 2\n")]),
        )
        .exit_code(0);
}

#[test]
fn a_watchdog_is_no_guest_that_restarts_itself() {
    let machine = || {
        Fake::new()
            .on(on::captures(1), watchdog())
            .on(on::boot(), [])
            .on(on::boot(), [act::show(&Screen::of("login"))])
    };
    let outcome = steps("- see: { needle: login, resets: { watchdog: 1 } }")
        .needles(["login"])
        .machine(machine())
        .stdout_has("1 reset by the watchdog")
        .exit_code(0);
    assert_eq!(told(&outcome), [(ResetKind::Watchdog, true)]);

    let outcome = steps("- see: { needle: login, resets: 1 }")
        .needles(["login"])
        .machine(machine())
        .exit_code(1);
    outcome.shows("the guest's watchdog resets it");
    let cause = outcome.cause_of("s", CauseKind::UnexpectedReset);
    assert_eq!(
        cause.message,
        "the machine's watchdog reset it, and no step had expected it"
    );
    assert!(
        cause.hints[0].contains("`resets: { watchdog: 1 }`"),
        "{cause:?}"
    );
}

#[test]
fn a_panic_that_is_foreseen_goes_on_to_its_reset() {
    let outcome = steps("- see: { needle: login, resets: { panic: 1 } }")
        .needles(["login"])
        .machine(
            Fake::new()
                .on(on::command("cont"), [])
                // The kernel goes on, and restarts the machine.
                .on(on::command("cont"), [act::reset()])
                .on(on::boot(), [])
                .on(on::boot(), [act::show(&Screen::of("login"))])
                .on(on::captures(1), [act::panic()]),
        )
        .stdout_has("1 reset after a panic")
        .exit_code(0);
    assert_eq!(told(&outcome), [(ResetKind::Panic, true)]);
    let panicked = outcome.events().into_iter().any(|event| {
        matches!(
            event,
            Event::Machine {
                what: MachineNews::Panicked { expected: true },
                ..
            }
        )
    });
    assert!(panicked);
}

fn button() -> Badge {
    Badge {
        word: "done".into(),
        x: 96,
        y: 64,
    }
}

fn installer() -> Fake {
    Fake::shows(&Screen::of("installed").badge("done", 96, 64))
}

#[test]
fn an_installer_restarts_the_machine_by_itself() {
    steps("- click: { needle: done, resets: 1 }\n- see: login")
        .needles(["login"])
        .needle(&button())
        .machine(
            installer()
                .on(on::clicked(&button()), [act::reset()])
                .on(on::boot(), [act::show(&Screen::of("login"))]),
        )
        .exit_code(0);
}

#[test]
fn an_installer_powers_the_machine_off_by_itself() {
    let machine = || installer().on(on::clicked(&button()), [act::power_off()]);
    steps("- click: { needle: done, powers_off: true }\n- power: on\n- see: login")
        .needles(["login"])
        .needle(&button())
        .machine(machine().on(on::boot(), [act::show(&Screen::of("login"))]))
        .exit_code(0);
    // Whoever does not say so is surprised by it, and told how to say it.
    let outcome = steps("- click: done\n- serial: { regex: never, within: 2h }")
        .needle(&button())
        .machine(machine())
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::UnexpectedShutdown);
    assert!(cause.hints[0].contains("`powers_off: true`"), "{cause:?}");
}

#[test]
fn a_machine_that_stays_on_although_it_was_to_power_off_is_a_failure() {
    let outcome = steps("- click: { needle: done, powers_off: true, within: 250ms }")
        .needle(&button())
        .machine(installer())
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Deadline);
    assert!(
        cause
            .message
            .starts_with("the guest did not power off within"),
        "{cause:?}"
    );
}

/// A guest that restarts before its agent has told how the command for it ended.
fn restarts_itself() -> Fake {
    Fake::new()
        .on(on::boot(), [act::agent_comes()])
        .never_ends("systemctl reboot")
        .on(
            on::ran("systemctl reboot"),
            [act::agent_goes(), act::reset()],
        )
        .on(on::boot(), [act::show(&Screen::of("login"))])
}

#[test]
fn a_command_that_restarts_the_guest_needs_no_answer() {
    let outcome = steps("- run: { command: systemctl reboot, resets: 1 }\n- see: login")
        .needles(["login"])
        .machine(restarts_itself())
        .exit_code(0);
    assert_eq!(told(&outcome), [(ResetKind::Guest, true)]);
}

#[test]
fn a_group_with_resets_excuses_no_command_that_nobody_answers_after_them() {
    let text = "- group:\n    name: again\n    resets: 1\n    steps:\n      - reboot:\n      - see: login\n      \
        - run: { command: verify, within: 500ms }";
    let outcome = steps(text)
        .needles(["login"])
        .machine(
            Fake::new()
                .on(on::boot(), [act::agent_comes()])
                .on(
                    on::boot(),
                    [act::agent_comes(), act::show(&Screen::of("login"))],
                )
                .never_ends("verify")
                .on(on::ran("verify"), [act::agent_goes()]),
        )
        .exit_code(1);
    let message = outcome.cause("s").message;
    assert_eq!(message, "the guest agent does not answer any more");
}

#[test]
fn what_a_command_said_cannot_depend_on_an_answer_that_a_restart_took_away() {
    for judged in ["output: ok", "save: said"] {
        let run =
            format!("- run: {{ command: systemctl reboot, {judged}, resets: 1 }}\n- see: login");
        let outcome = steps(&run)
            .needles(["login"])
            .machine(restarts_itself())
            .exit_code(1);
        let cause = outcome.cause_of("s", CauseKind::Command);
        let message = "the guest restarted or powered off before `systemctl reboot` had answered";
        assert_eq!(cause.message, message);
        assert!(cause.hints[0].contains("`output` and `save`"), "{cause:?}");
    }
}

#[test]
fn what_the_serial_console_said_before_a_reboot_is_not_of_the_new_start() {
    let call = |again: &str, within: &str| {
        let text = format!(
            "- serial: started\n- reboot: {{ by: reset }}\n- serial: {{ regex: 'login:', within: {within} }}"
        );
        steps(&text).machine(
            Fake::new()
                .on(on::boot(), [act::say("started, login:\n")])
                .on(on::boot(), [act::say(again)]),
        )
    };
    let outcome = call("hangs\n", "50ms").exit_code(1);
    assert_eq!(outcome.cause("s").kind, CauseKind::Deadline);
    call("login:\n", "90s").exit_code(0);
}

/// A group that cuts the power, with a guest that then restarts itself once.
fn group(resets: &str) -> Qa {
    let text = format!(
        "- see: first\n- group:\n    name: cut\n    resets: {resets}\n    steps:\n      - power: cut\n      \
        - power: on\n      - see: login"
    );
    steps(&text).needles(["first", "login"]).machine(
        Fake::new()
            .on(on::boot(), [act::show(&Screen::of("first"))])
            .on(on::boot(), [act::reset()])
            .on(on::boot(), [act::show(&Screen::of("login"))]),
    )
}

#[test]
fn a_group_counts_all_that_happens_in_it_also_over_a_power_cut() {
    let outcome = group("{ guest: 1, power-cut: 1 }")
        .stdout_has("2 resets: 1 by the guest, 1 by power cut")
        .exit_code(0);
    assert_eq!(
        told(&outcome),
        [(ResetKind::PowerCut, true), (ResetKind::Guest, true)]
    );
    let outcome = group("{ guest: 2, power-cut: 1 }").exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Resets);
    assert!(
        cause.message.contains("there were 2: a power cut after"),
        "{cause:?}"
    );
    let outcome = group("{ guest: 1, power-cut: 0 }").exit_code(1);
    assert_eq!(outcome.cause("s").kind, CauseKind::Resets);
}

#[test]
fn a_reboot_that_was_asked_for_counts_in_the_group_around_it() {
    let steps = |resets: u32| {
        let text = format!(
            "- group:\n    name: again\n    resets: {resets}\n    steps:\n      - run: 'true'\n      - reboot:\n      \
            - see: login"
        );
        steps(&text).needles(["login"]).machine(
            Fake::new()
                .on(on::boot(), [act::agent_comes()])
                .on(on::boot(), [act::show(&Screen::of("login"))])
                .answers("true", 0, ""),
        )
    };
    steps(1).exit_code(0);
    assert_eq!(steps(0).exit_code(1).cause("s").kind, CauseKind::Resets);
    assert_eq!(steps(2).exit_code(1).cause("s").kind, CauseKind::Resets);
}

#[test]
fn a_part_of_a_group_need_not_have_all_its_resets() {
    let text =
        "- group:\n    name: g\n    resets: 3\n    steps:\n      - see: first\n      - see: second";
    modern()
        .steps("s", text)
        .needles(["first", "second"])
        .machine(
            Fake::shows(&Screen::of("first")).on(on::command("query-vnc"), [act::signal_qa("INT")]),
        )
        .args(["run", "s", "--until", "1.1"])
        .exit_code(0);
}

#[test]
fn from_a_checkpoint_resets_count_from_there() {
    let machine = || {
        Fake::new()
            .on(on::boot(), [])
            .on(on::boot(), [act::show(&Screen::of("login"))])
            .on(on::captures(1), [act::reset()])
            .on(on::typed("u"), [act::reset()])
            .on(on::boot(), [act::show(&Screen::of("updated"))])
    };
    let first = modern()
        .steps("login", "- see: { needle: login, resets: 1 }")
        .scenario(
            "s",
            "image: disk\nafter: login\nsteps:\n  - type: u\n    resets: 1\n  - see: updated\n",
        )
        .needles(["login", "updated"])
        .machine(machine())
        .args(["run", "s"])
        .stdout_has("2 resets by the guest")
        .exit_code(0);
    let second = first
        .then()
        .machine(machine())
        .args(["run", "s"])
        .stdout_has("1 reset by the guest")
        .exit_code(0);
    let (from, _) = &second.attempts("s")[0];
    assert!(matches!(from, StartedFrom::Checkpoint { .. }), "{from:?}");
    assert_eq!(told(&second), [(ResetKind::Guest, true)]);
}
