//! What a machine does without being asked ends a wait at once, with its own cause.

use qa_tests::{Act, Fake, Outcome, Screen, act, on};
use reports::{CauseKind, Verdict};

use crate::steps;

/// A scenario that would wait for hours, on a machine that does something meanwhile.
#[track_caller]
fn surprised(what: Act, code: i32) -> Outcome {
    steps("- serial: { regex: never, within: 2h }")
        .machine(Fake::new().on(on::captures(1), [what]))
        .exit_code(code)
}

#[test]
fn an_unexpected_reset() {
    let outcome = surprised(act::reset(), 1);
    let cause = outcome.shows("the guest restarts itself").cause("s");
    assert_eq!(cause.kind, CauseKind::UnexpectedReset);
    assert_eq!(
        cause.message,
        "the machine was reset (guest-reset), and no step had asked for it"
    );
}

#[test]
fn a_guest_that_powers_itself_off() {
    let outcome = surprised(act::power_off(), 1);
    let cause = outcome.shows("the guest powers itself off").cause("s");
    assert_eq!(cause.kind, CauseKind::UnexpectedShutdown);
    assert_eq!(
        cause.message,
        "the guest powered itself off (guest-shutdown), and no step had asked for it"
    );
}

#[test]
fn a_panic() {
    let outcome = steps("- serial: { regex: never, within: 2h }")
        .machine(Fake::new().on(
            on::captures(1),
            [
                act::say("Kernel panic - not syncing: VFS\r\n"),
                act::panic(),
            ],
        ))
        .exit_code(1);
    outcome.shows("the guest's kernel panics, with pvpanic");
    assert_eq!(outcome.cause("s").kind, CauseKind::Panic);
}

/// A machine without the pvpanic driver, in a project without watches: the wait goes on, and its report
/// says why it was in vain.
#[test]
fn a_wait_for_a_kernel_that_crashed_says_so() {
    let console = "[    0.0] Linux version 6.12\r\n[   12.61] BUG: kernel NULL pointer dereference, address: 0\r\n\
                   [   12.62] RIP: 0010:f+0x68/0x110\r\n\
                   [   12.65] Kernel panic - not syncing: Fatal exception in interrupt\r\n";
    let outcome = steps("- serial: Fatal exception\n- see: { needle: login, within: 30ms }")
        .needles(["login"])
        .machine(Fake::new().on(on::boot(), [act::say(console)]))
        .stdout_has("the guest's kernel crashed:\n    | [   12.61] BUG:")
        .stdout_has("next: `watch: [panic]`")
        .exit_code(1);
    outcome.shows("the guest's kernel crashes, without pvpanic, and a step has seen it");
    let cause = outcome.cause_of("s", CauseKind::Deadline);
    assert!(
        cause.message.starts_with(
            "the guest's kernel has crashed (`BUG: kernel NULL pointer dereference, address: 0`); "
        ),
        "{cause:?}"
    );
    assert_eq!(outcome.last_evidence().kernel_crash.len(), 3);
}

#[test]
fn a_kernel_that_crashed_before_a_restart_is_no_reason_to_wait_in_vain() {
    let restart =
        "- group: { name: g, resets: 1, steps: [{ serial: not syncing }, { serial: login }] }";
    let outcome = steps(&format!(
        "{restart}\n- serial: {{ regex: never, within: 30ms }}"
    ))
    .machine(
        Fake::new()
            .on(
                on::captures(1),
                [
                    act::say("[    2.9] Kernel panic - not syncing: VFS\r\n"),
                    act::show(&Screen::of("crash")),
                ],
            )
            .on(on::shown(200), [act::reset(), act::say("login:\r\n")]),
    )
    .exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(cause.step.as_deref(), Some("s step 2"), "{cause:?}");
    assert!(!cause.message.contains("crashed"), "{cause:?}");
    assert_eq!(outcome.last_evidence().kernel_crash, [""; 0]);
}

#[test]
fn a_kernel_that_crashed_tells_why_it_restarted() {
    let outcome = steps("- serial: { regex: never, within: 2h }")
        .machine(
            Fake::new()
                .on(
                    on::captures(1),
                    [
                        act::say("[    2.9] Kernel panic - not syncing: VFS\r\n"),
                        act::show(&Screen::of("crash")),
                    ],
                )
                .on(on::shown(200), [act::reset()]),
        )
        .exit_code(1);
    outcome.shows("the guest's kernel crashes and restarts");
    assert_eq!(outcome.cause("s").kind, CauseKind::UnexpectedReset);
    assert_eq!(
        outcome.last_evidence().kernel_crash,
        ["[    2.9] Kernel panic - not syncing: VFS"]
    );
}

/// The watch ends the wait at the first line of it.
#[test]
fn a_kernel_that_crashes_may_tell_all_of_it() {
    let outcome = steps("- serial: { regex: never, within: 2h }")
        .project_also("watch: [oops]\n")
        .machine(
            Fake::new()
                .on(
                    on::captures(1),
                    [
                        act::say("[   12.61] BUG: kernel NULL pointer dereference\r\n"),
                        act::show(&Screen::of("crash")),
                    ],
                )
                .on(
                    on::shown(200),
                    [act::say("[   12.62] RIP: 0010:f+0x68\r\n")],
                ),
        )
        .exit_code(1);
    assert_eq!(outcome.cause("s").kind, CauseKind::Watch("oops".into()));
    assert_eq!(
        outcome.last_evidence().kernel_crash,
        [
            "[   12.61] BUG: kernel NULL pointer dereference",
            "[   12.62] RIP: 0010:f+0x68"
        ]
    );
}

#[test]
fn an_internal_error_is_an_error_with_advice() {
    let outcome = surprised(act::internal_error(), 3);
    outcome.shows("QEMU cannot go on: an internal error");
    let cause = outcome.cause_of("s", CauseKind::InternalError);
    assert!(!cause.hints.is_empty(), "{cause:?}");
}

#[test]
fn a_full_disk_is_an_error_that_says_so() {
    let outcome = surprised(act::no_space(), 3);
    outcome.shows("the host's disk is full under a machine");
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::DiskFull);
    assert!(cause.hints[0].contains("--results"), "{cause:?}");
}

#[test]
fn qemu_that_is_killed_is_an_error() {
    let outcome = surprised(act::die(), 3);
    let (verdict, cause) = outcome.verdict("s");
    let cause = cause.unwrap();
    assert_eq!(
        (verdict, cause.kind),
        (Verdict::Error, CauseKind::MachineExited)
    );
    assert!(cause.message.contains("signal: 9"), "{}", cause.message);
}

#[test]
fn qemu_that_ends_is_told_with_its_last_words() {
    let outcome = surprised(act::exit(1, "qemu: hardware error: no such page\n"), 3);
    outcome.shows("QEMU ends with an error");
    let cause = outcome.cause_of("s", CauseKind::MachineExited);
    assert!(
        cause
            .hints
            .iter()
            .any(|hint| hint.contains("hardware error: no such page")),
        "{cause:?}"
    );
}

#[test]
fn a_guest_that_never_boots_fails_at_the_deadline_with_all_there_is() {
    let outcome = steps("- see: { needle: login, within: 30ms }")
        .needles(["login"])
        .machine(Fake::new().on(on::boot(), [act::say("No bootable device.\r\n")]))
        .exit_code(1);
    outcome.shows("the guest never boots");
    assert_eq!(outcome.cause("s").kind, CauseKind::Deadline);
    let evidence = outcome.last_evidence();
    assert!(evidence.frame.is_some());
    assert_eq!(evidence.serial_tail, ["No bootable device."]);
    for file in ["s/serial0.log", "s/qmp.log", "s/qemu.args"] {
        assert!(!outcome.file(file).is_empty(), "{file}");
    }
}

#[test]
fn a_machine_that_dies_while_a_key_is_sent_is_an_error_and_no_failure() {
    let outcome = steps("- type: abc")
        .machine(Fake::new().on(on::typed("b"), [act::die()]))
        .exit_code(3);
    outcome.shows("QEMU is killed while a key is sent");
    assert_eq!(outcome.cause("s").kind, CauseKind::MachineExited);
}

#[test]
fn a_machine_that_dies_while_a_command_runs_is_an_error_and_no_failure() {
    let outcome = steps("- run: uptime")
        .machine(
            Fake::new()
                .on(on::boot(), [act::agent_comes()])
                .never_ends("uptime")
                .on(on::ran("uptime"), [act::die()]),
        )
        .exit_code(3);
    outcome.shows("QEMU is killed while a command runs");
    assert_eq!(outcome.cause("s").kind, CauseKind::MachineExited);
}

#[test]
fn a_guest_that_restarts_while_a_command_runs_is_told_as_that() {
    let outcome = steps("- run: uptime")
        .machine(
            Fake::new()
                .on(on::boot(), [act::agent_comes()])
                .never_ends("uptime")
                .on(on::ran("uptime"), [act::agent_goes(), act::reset()]),
        )
        .exit_code(1);
    outcome.shows("the guest restarts itself while a command runs");
    assert_eq!(outcome.cause("s").kind, CauseKind::UnexpectedReset);
}
