//! `reboot`, `shutdown`, `power`.

use qa_tests::{Entry, Fake, Screen, act, on};
use reports::{CauseKind, Event, MachineNews, ResetKind};

use crate::steps;

#[test]
fn reboot_asks_the_guest_and_the_reset_is_no_surprise() {
    let outcome = steps("- run: 'true'\n- reboot:\n- see: login")
        .needles(["login"])
        .machine(
            Fake::new()
                .on(on::boot(), [act::agent_comes()])
                .on(on::boot(), [act::show(&Screen::of("login"))])
                .answers("true", 0, ""),
        )
        .exit_code(0);
    let after = outcome.events().into_iter().find_map(|event| match event {
        Event::Machine {
            what:
                MachineNews::Reset {
                    expected: true,
                    kind: ResetKind::Guest,
                    after_ms,
                    ..
                },
            ..
        } => Some(after_ms),
        _ => None,
    });
    let after = after.unwrap();
    assert!(after.is_some(), "with the time since it was asked for");
}

#[test]
fn reboot_by_reset_needs_no_agent() {
    steps("- reboot: { by: reset }\n- see: login")
        .needles(["login"])
        .machine(
            Fake::new()
                .on(on::boot(), [])
                .on(on::boot(), [act::show(&Screen::of("login"))]),
        )
        .exit_code(0);
}

#[test]
fn resets_by_which_a_bios_answers_a_reset_are_no_surprise() {
    // SeaBIOS does this twice on a machine that it has booted before.
    steps("- reboot: { by: reset }\n- see: login")
        .needles(["login"])
        .machine(
            Fake::new()
                .on(on::boot(), [])
                .on(on::boot(), [act::reset()])
                .on(on::boot(), [act::reset()])
                .on(on::boot(), [act::show(&Screen::of("login"))]),
        )
        .exit_code(0);
}

#[test]
fn shutdown_presses_the_button_where_no_agent_runs() {
    let outcome = steps("- shutdown:")
        .machine(Fake::new().on(on::power_button(), [act::power_off()]))
        .exit_code(0);
    let pressed = outcome.journal().entries().iter().any(|entry| {
        matches!(entry, Entry::Command(command) if command["execute"] == "system_powerdown")
    });
    assert!(pressed, "{:?}", outcome.journal());
}

#[test]
fn shutdown_asks_the_agent_where_one_runs() {
    let outcome = steps("- run: 'true'\n- shutdown:")
        .machine(
            Fake::new()
                .on(on::boot(), [act::agent_comes()])
                .answers("true", 0, ""),
        )
        .exit_code(0);
    let asked = outcome.journal().entries().iter().any(
        |entry| matches!(entry, Entry::Agent(message) if message["execute"] == "guest-shutdown"),
    );
    assert!(asked, "{:?}", outcome.journal());
}

#[test]
fn a_guest_that_ignores_the_button_fails_at_the_deadline() {
    let outcome = steps("- shutdown: { within: 20ms }").exit_code(1);
    outcome.shows("the guest ignores the power button");
    let cause = outcome.cause_of("s", CauseKind::Deadline);
    assert!(
        cause
            .message
            .starts_with("the guest did not power off within"),
        "{cause:?}"
    );
}

#[test]
fn an_agent_that_answers_a_shutdown_with_nonsense_is_the_guests_fault() {
    let outcome = steps("- run: 'true'\n- shutdown: { within: 1s }")
        .machine(
            Fake::new()
                .on(on::boot(), [act::agent_comes()])
                .answers("true", 0, "")
                .agent_says("guest-shutdown", "\u{0}garbage"),
        )
        .exit_code(1);
    outcome.shows("the guest's agent answers a shutdown with nonsense");
}

#[test]
fn power_cut_and_on_start_the_machine_again_from_its_disks() {
    let outcome = steps("- see: first\n- power: cut\n- power: on\n- see: second")
        .needles(["first", "second"])
        .machine(
            Fake::new()
                .on(on::boot(), [act::show(&Screen::of("first"))])
                .on(on::boot(), [act::show(&Screen::of("second"))]),
        )
        .exit_code(0);
    assert_eq!(
        outcome.journal().pids().len(),
        2,
        "two processes, one after the other"
    );
}

#[test]
fn power_on_after_a_shutdown_is_a_cold_start() {
    steps("- shutdown:\n- power: on\n- see: second")
        .needles(["second"])
        .machine(
            Fake::new()
                .on(on::power_button(), [act::power_off()])
                .on(on::boot(), [])
                .on(on::boot(), [act::show(&Screen::of("second"))]),
        )
        .exit_code(0);
}

#[test]
fn a_step_on_a_machine_that_was_cut_says_what_must_come_first() {
    let outcome = steps("- power: cut\n- type: a").exit_code(3);
    let cause = outcome.cause_of("s", CauseKind::Scenario);
    assert!(cause.message.contains("`power: on`"), "{cause:?}");
}

#[test]
fn power_off_and_reset_are_buttons() {
    let outcome = steps("- power: reset\n- power: off\n- serial: goodbye")
        .machine(Fake::new().on(
            on::power_button(),
            [act::say("goodbye\n"), act::power_off()],
        ))
        .exit_code(0);
    let asked: Vec<_> = outcome
        .journal()
        .entries()
        .iter()
        .filter_map(|entry| match entry {
            Entry::Command(command) => command["execute"]
                .as_str()
                .filter(|name| name.starts_with("system_")),
            _ => None,
        })
        .collect();
    assert_eq!(asked, ["system_reset", "system_powerdown"]);
}

#[test]
fn power_on_waits_until_the_guest_is_off_that_was_asked_to() {
    let outcome = steps("- power: off\n- { power: on, within: 20ms }").exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Deadline);
    assert!(
        cause
            .message
            .starts_with("the guest did not power off within"),
        "{cause:?}"
    );
    assert_eq!(outcome.journal().pids().len(), 1, "no plug is pulled");
}

#[test]
fn power_off_and_on_is_a_cold_start() {
    let outcome = steps("- power: off\n- power: on\n- see: second")
        .needles(["second"])
        .machine(
            Fake::new()
                .on(on::power_button(), [act::power_off()])
                .on(on::boot(), [])
                .on(on::boot(), [act::show(&Screen::of("second"))]),
        )
        .exit_code(0);
    assert_eq!(outcome.journal().pids().len(), 2);
}

#[test]
fn a_machine_that_is_on_is_not_switched_on() {
    let outcome = steps("- power: on").exit_code(3);
    let cause = outcome.cause_of("s", CauseKind::Scenario);
    assert!(
        cause.message.contains("the machine is on") && cause.hints[0].contains("`shutdown`"),
        "{cause:?}"
    );
}
