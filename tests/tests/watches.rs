//! `watch:`: what must hold all the time.

use qa_tests::{Badge, Fake, Screen, act, on};
use reports::CauseKind;

use crate::qa;

const WAITS: &str = "image: disk\nsteps:\n  - serial: { regex: never, within: 2h }\n";

#[test]
fn forbidden_text_on_the_serial_console_ends_the_wait_at_once() {
    let outcome = qa()
        .scenario("s", WAITS)
        .project_also("watch:\n  - { serial: 'Oops:', name: kernel }\n")
        .machine(
            Fake::new()
                .on(on::captures(1), [act::say("[ 3.1] Oo")])
                .on(on::captures(1), [act::say("ps: 0002\n")]),
        )
        .args(["run", "s"])
        .exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::Watch("kernel".into()));
    assert!(cause.message.contains("[ 3.1] Oops: 0002"), "{cause:?}");
}

#[test]
fn a_forbidden_needle_ends_the_wait_with_its_picture() {
    let outcome = qa()
        .scenario("s", &format!("watch:\n  - needle: crash\n{WAITS}"))
        .needle(&Badge {
            word: "crash".into(),
            x: 96,
            y: 64,
        })
        .machine(Fake::frames([
            &Screen::of("desktop"),
            &Screen::of("desktop").badge("crash", 96, 64),
        ]))
        .args(["run", "s"])
        .exit_code(1);
    assert!(matches!(outcome.cause("s").kind, CauseKind::Watch(_)));
    let evidence = outcome.last_evidence();
    assert_eq!(evidence.look.unwrap().matched.unwrap().needle, "crash");
}

#[test]
fn a_command_that_must_keep_succeeding() {
    let outcome = qa()
        .scenario(
            "s",
            &format!("watch:\n  - {{ run: is-active gdm, every: 10ms, name: gdm }}\n{WAITS}"),
        )
        .machine(Fake::new().on(on::boot(), [act::agent_comes()]).answers(
            "is-active gdm",
            3,
            "failed\n",
        ))
        .args(["run", "s"])
        .exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::Watch("gdm".into()));
    assert!(cause.message.contains("status 3"), "{cause:?}");
}

#[test]
fn resets_may_be_allowed_and_a_projects_watch_switched_off() {
    qa().scenario(
        "s",
        "image: disk\nwatch:\n  - reboots: any\n  - off: kernel\nsteps:\n  - serial: done\n",
    )
    .project_also("watch:\n  - { serial: 'Oops:', name: kernel }\n")
    .machine(
        Fake::new()
            .on(on::captures(1), [act::say("Oops: 1\n"), act::reset()])
            .on(on::captures(2), [act::say("done\n")]),
    )
    .args(["run", "s"])
    .exit_code(0);
}
