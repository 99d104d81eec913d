//! From where on the journal of a guest counts, and how it is read on.

use qa_tests::{Entry, Fake, Qa, act, on};
use reports::CauseKind;

use super::{WAITS, asked, findings, ran};
use crate::qa;

#[test]
fn the_journal_is_read_on_from_the_last_look() {
    let outcome = qa()
        .scenario(
            "s",
            &format!("watch:\n  - {{ journal: 'I/O error', every: 10ms, name: disk }}\n{WAITS}"),
        )
        .machine(
            asked()
                .answers_once(
                    "journalctl",
                    0,
                    "-- cursor: s=1;i=4\n09:00 host kernel: sda\n",
                )
                .answers(
                    "--after-cursor='s=1;i=4'",
                    0,
                    "-- cursor: s=1;i=5\n09:01 host kernel: sda: I/O error, sector 8\n",
                ),
        )
        .args(["run", "s"])
        .exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::Watch("disk".into()));
    assert!(
        cause
            .message
            .ends_with("the journal says `09:01 host kernel: sda: I/O error, sector 8`"),
        "{cause:?}"
    );
    let ran = ran(&outcome);
    assert!(ran[0].contains("--boot"), "{ran:?}");
}

#[test]
fn what_was_in_the_journal_before_a_scenario_is_not_its_breach() {
    let outcome = after_first("-- cursor: s=2\n").exit_code(0);
    assert_eq!(findings(&outcome), []);
    let ran = ran(&outcome);
    assert!(ran.iter().all(|line| !line.contains("--boot")), "{ran:?}");
}

#[test]
fn the_journal_counts_on_from_where_the_scenario_before_had_read_it_to() {
    let outcome = qa()
        .steps("first", "- serial: ready")
        .scenario("s", "image: disk\nafter: first\nsteps:\n  - run: work\n")
        .project_also("watch:\n  - { journal: bad, name: j, every: 1h }\n")
        .machine(
            asked()
                .answers("work", 0, "")
                .answers_once("--boot", 0, "-- cursor: s=1\n")
                .answers("--after-cursor='s=1'", 0, "-- cursor: s=2\n")
                .answers(
                    "--after-cursor='s=2'",
                    0,
                    "-- cursor: s=3\n09:00 host app[7]: bad\n",
                )
                .on(on::captures(1), [act::say("ready\n")]),
        )
        .args(["run", "s"])
        .exit_code(1);
    assert_eq!(outcome.cause("s").kind, CauseKind::Watch("j".into()));
    let ran = ran(&outcome);
    let is_look = |line: &String| line.contains("--boot") || line.contains("--after");
    let mut asked = ran.iter().filter(|line| line.contains("journalctl"));
    assert!(asked.all(is_look), "{ran:?}");
}

#[test]
fn what_the_first_step_brings_into_the_journal_is_a_breach() {
    let outcome = after_first("-- cursor: s=2\n09:00 host app[7]: bad\n").exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::Watch("j".into()));
    // Where the journal begins to count was asked once, and before the step.
    let ran = ran(&outcome);
    let asks_place = |line: &String| line.contains("--lines=1") && !line.contains("--after");
    let places: Vec<usize> = (0..ran.len()).filter(|&at| asks_place(&ran[at])).collect();
    let work = ran.iter().position(|line| line == "work").unwrap();
    assert!(matches!(places[..], [place] if place < work), "{ran:?}");
    // And before the clock was set, whose jump lets timers run out.
    let entries = outcome.journal();
    let position = |what: &dyn Fn(&Entry) -> bool| entries.entries().iter().position(what);
    let place = position(
        &|entry| matches!(entry, Entry::Agent(asked) if asked.to_string().contains("--lines=1")),
    );
    let clock = position(
        &|entry| matches!(entry, Entry::Agent(asked) if asked["execute"] == "guest-set-time"),
    );
    assert!(place.is_some() && place < clock, "{place:?} {clock:?}");
}

/// A scenario whose journal must not say `bad`, after another: what its journal says in the end.
fn after_first(journal: &str) -> Qa {
    qa().steps("first", "- serial: ready")
        .scenario(
            "s",
            "image: disk\nafter: first\nwatch:\n  - { journal: bad, name: j }\nsteps:\n  - run: work\n",
        )
        .machine(
            asked()
                .answers("work", 0, "")
                .answers("--after-cursor='s=1'", 0, journal)
                .answers("--lines=1", 0, "-- cursor: s=1\n")
                .on(on::captures(1), [act::say("ready\n")]),
        )
        .args(["run", "s"])
}

#[test]
fn a_journal_that_could_not_be_read_before_counts_from_its_boot() {
    let outcome = qa()
        .steps("first", "- serial: ready")
        .scenario(
            "s",
            "image: disk\nafter: first\nwatch:\n  - { journal: bad, name: j }\nsteps:\n  - press: a\n  \
            - serial: { regex: never, within: 2h }\n",
        )
        .machine(
            Fake::new()
                .on(on::captures(1), [act::say("ready\n")])
                .on(on::pressed("a"), [act::agent_comes()])
                .answers("--boot", 0, "-- cursor: s=2\n09:00 host app[7]: bad\n"),
        )
        .args(["run", "s"])
        .exit_code(1);
    assert_eq!(outcome.cause("s").kind, CauseKind::Watch("j".into()));
}

#[test]
fn a_journal_that_lost_the_place_is_read_again_at_once() {
    let outcome = qa()
        .scenario(
            "s",
            "image: disk\nwatch:\n  - { journal: bad, every: 1h, name: j }\nsteps:\n  - serial: looked\n",
        )
        .machine(
            asked()
                .answers("--after-cursor='s=1'", 1, "")
                .answers_once("--boot", 0, "-- cursor: s=1\n")
                .answers("--boot", 0, "-- cursor: s=2\n09:00 host app[7]: bad\n")
                .on(on::ran("--boot"), [act::say("looked\n")]),
        )
        .args(["run", "s"])
        .exit_code(1);
    assert_eq!(outcome.cause("s").kind, CauseKind::Watch("j".into()));
    let ran = ran(&outcome);
    let again = ran.iter().filter(|line| line.contains("--after")).count();
    assert_eq!(again, 1, "{ran:?}");
}
