//! No verdict without proof that the machine ran, and no verdict on time that nobody had.

use std::{thread::sleep, time::Duration};

use qa_tests::{Entry, Fake, Qa, Running, Screen, act, on};
use reports::{CauseKind, Verdict};
use rustix::process::Signal;

use crate::steps;

/// The time that a machine gets to answer in these tests, in milliseconds.
const PATIENCE: &str = "1200";

/// More than the deadlines of the steps here, with the factor of emulation, and less than any patience of the product.
const PAUSE: Duration = Duration::from_millis(2500);

/// Steps of every kind that waits. Most deadlines are over long before the patience is.
const WAITS: [(&str, &str); 10] = [
    (
        "- serial: { absent: panic, for: 300ms }",
        "QEMU is stopped (SIGSTOP) in `serial: { absent }`",
    ),
    (
        "- serial: { regex: never, within: 30ms }",
        "QEMU is stopped (SIGSTOP) in `serial`",
    ),
    (
        "- see: { needle: never, within: 30ms }",
        "QEMU is stopped (SIGSTOP) in `see`",
    ),
    ("- see: { needle: here, for: 300ms }", IN_OTHERS),
    ("- gone: { needle: here, within: 30ms }", IN_OTHERS),
    ("- still: { for: 300ms, within: 30s }", IN_OTHERS),
    ("- changed: { within: 30ms }", IN_OTHERS),
    (
        "- run: { command: 'true', within: 30ms }",
        "QEMU is stopped (SIGSTOP) in `run`",
    ),
    (
        "- press: { keys: a, until: never, within: 30ms }",
        IN_OTHERS,
    ),
    ("- click: { needle: never, within: 30ms }", IN_OTHERS),
];

const IN_OTHERS: &str = "QEMU is stopped (SIGSTOP) in any other step that waits";

fn machine() -> Fake {
    Fake::shows(&Screen::of("here")).on(
        on::boot(),
        [act::show(&Screen::of("here")), act::agent_comes()],
    )
}

fn waiting(step: &str, machine: Fake) -> Qa {
    patient(step, machine).env("QA_PATIENCE", PATIENCE)
}

/// A wait in which QEMU may be silent as long as in the product, however busy the host is.
fn patient(step: &str, machine: Fake) -> Qa {
    steps(&format!("- see: here\n{step}"))
        .needles(["here", "never"])
        .machine(machine)
}

#[test]
fn no_wait_comes_to_a_verdict_on_a_qemu_that_does_not_answer() {
    for (what, is_stopped) in [(act::hang(), false), (act::stop(), true)] {
        for (step, fault) in WAITS {
            let outcome = waiting(step, machine().on(on::captures(1), [what.clone()])).exit_code(3);
            outcome.shows(match is_stopped {
                true => fault,
                false => "QEMU hangs",
            });
            let cause = outcome.cause("s");
            assert_eq!(cause.kind, CauseKind::Harness, "{step}: {cause:?}");
            assert!(
                cause
                    .message
                    .starts_with("QEMU has not answered for 1200 ms"),
                "{step}: {cause:?}"
            );
        }
    }
}

#[test]
fn a_qemu_that_is_stopped_is_told_long_before_a_long_wait_is_over() {
    let outcome = waiting(
        "- see: { needle: never, within: 2h }",
        machine().on(on::captures(1), [act::stop()]),
    )
    .exit_code(3);
    outcome.shows("QEMU is stopped (SIGSTOP) in a wait of hours");
    assert_eq!(outcome.verdict("s").0, Verdict::Error);
}

#[test]
fn a_machine_that_somebody_else_keeps_from_running_is_an_error() {
    let outcome = waiting(
        "- see: { needle: never, within: 2h }",
        machine().on(on::captures(1), [act::pause()]),
    )
    .exit_code(3);
    outcome.shows("somebody else pauses the machine");
    let never = steps("- see: { needle: here, within: 100ms }")
        .needles(["here"])
        .env("QA_PATIENCE", PATIENCE)
        .machine(Fake::new().on(on::boot(), [act::pause()]))
        .exit_code(3);
    never.shows("the machine never runs");
}

#[test]
fn a_qemu_that_closes_its_connection_is_an_error() {
    for step in [
        "- serial: { absent: panic, for: 300ms }",
        "- see: { needle: never, within: 2h }",
    ] {
        let outcome = patient(step, machine().on(on::captures(1), [act::close_qmp()])).exit_code(3);
        outcome.shows("QEMU closes its control connection");
        let cause = outcome.cause("s");
        assert!(
            cause
                .message
                .starts_with("QEMU has closed its control connection"),
            "{step}: {cause:?}"
        );
    }
}

fn told(what: &str) -> impl Fn(&Entry) -> bool + use<'_> {
    move |entry| matches!(entry, Entry::Told { what: told, .. } if told == what)
}

/// A machine on which `there` is said when the test says so, in the step that sends `x`.
fn begun(step: &str) -> Running {
    let machine = machine()
        .on(on::serial("x"), [act::tell("runs")])
        .on(on::told("go"), [act::say("there\r\n"), act::tell("said")]);
    let mut running = steps(&format!("- see: here\n{step}"))
        .needles(["here"])
        .machine(machine)
        .start();
    running.reaches(told("runs"));
    running
}

#[test]
fn what_came_while_qa_was_stopped_came_in_time() {
    let mut running = begun("- serial: { send: x, regex: there, within: 200ms }");
    running.signal(Signal::STOP);
    running.tell("go");
    running.reaches(told("said"));
    sleep(PAUSE);
    running.signal(Signal::CONT);
    let outcome = running.exit_code(0);
    outcome.shows("`qa` is stopped (SIGSTOP), and what was waited for came meanwhile");
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
}

#[test]
fn what_must_not_come_is_seen_although_qa_was_stopped() {
    let mut running = begun("- serial: { send: x, absent: there, for: 1500ms }");
    running.signal(Signal::STOP);
    running.tell("go");
    running.reaches(told("said"));
    sleep(PAUSE);
    running.signal(Signal::CONT);
    let outcome = running.exit_code(1);
    outcome.shows("`qa` is stopped (SIGSTOP), and what must not come came meanwhile");
    assert_eq!(outcome.cause("s").kind, CauseKind::Assertion);
}

#[test]
fn time_in_which_qemu_was_stopped_does_not_count() {
    // Under the factor of emulation: 1.6 s.
    let running = begun("- serial: { send: x, regex: there, within: 200ms }");
    running.signal_machine(Signal::STOP);
    sleep(PAUSE);
    running.tell("go");
    running.signal_machine(Signal::CONT);
    let outcome = running.exit_code(0);
    outcome.shows("QEMU is stopped (SIGSTOP), and goes on (SIGCONT) before its patience is over");
}

#[test]
fn time_in_which_both_were_stopped_does_not_count() {
    let running = begun("- serial: { send: x, regex: there, within: 200ms }");
    running.signal(Signal::STOP);
    running.signal_machine(Signal::STOP);
    sleep(PAUSE);
    running.tell("go");
    running.signal(Signal::CONT);
    running.signal_machine(Signal::CONT);
    let outcome = running.exit_code(0);
    outcome.shows("`qa` and QEMU are stopped (a container's pause, a laptop's lid)");
}

#[test]
fn ctrl_z_pauses_the_machine_and_its_deadline() {
    let mut running = begun("- serial: { send: x, regex: there, within: 200ms }");
    running.signal(Signal::TSTP);
    running.reaches(|entry| matches!(entry, Entry::Command(call) if call["execute"] == "stop"));
    sleep(PAUSE);
    running.signal(Signal::CONT);
    running.reaches(|entry| matches!(entry, Entry::Command(call) if call["execute"] == "cont"));
    running.tell("go");
    let outcome = running.exit_code(0);
    outcome.shows("`qa` gets SIGTSTP (Ctrl-Z), and later SIGCONT");
}

#[test]
fn what_comes_too_late_is_told_with_the_time_that_did_not_count() {
    let running = begun("- serial: { send: x, regex: there, within: 200ms }");
    running.signal_machine(Signal::STOP);
    sleep(PAUSE);
    running.signal_machine(Signal::CONT);
    let outcome = running.exit_code(1);
    outcome.shows("QEMU is stopped (SIGSTOP) for a while, and the guest is not well");
    let message = outcome.cause("s").message;
    assert!(
        message.contains("more in which QEMU or the machine was stopped"),
        "{message}"
    );
}
