//! A host that gives the machine no processor: deadlines count the time that the guest could run.

use qa_tests::{Act, Fake, Qa, Screen, act, on};
use reports::{CauseKind, Verdict};

use crate::steps;

/// More than any of these tests takes.
const HOUR: u64 = 60 * 60 * 1000;

/// The login comes long after the deadline: captures are 50 ms apart at their quickest, so the
/// fortieth is seconds away.
const LATE: u32 = 40;

/// `see` with 8 ms (1 ms, and the factor of emulation), on a machine to which something happens at each
/// look, before its answer.
fn late_login(at_looks: Act) -> Qa {
    steps("- see: splash\n- see: { needle: login, within: 1ms }")
        .needles(["splash", "login"])
        .machine(
            Fake::shows(&Screen::of("splash"))
                .whenever(on::command("screendump"), [at_looks])
                .on(on::captures(LATE), [act::show(&Screen::of("login"))]),
        )
}

#[test]
fn what_comes_after_the_deadline_but_within_the_starved_time_is_in_time() {
    // A step begins with a look, so it is starved before its deadline is asked for.
    let outcome = late_login(act::starve(HOUR)).exit_code(0);
    outcome.shows("the host keeps the machine waiting for its processors");
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
}

#[test]
fn without_starvation_it_is_too_late() {
    let outcome = late_login(act::starve(0)).exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Deadline);
    let late = "; no needle tagged `login` matched within 8ms";
    assert!(cause.message.ends_with(late), "{cause:?}");
}

#[test]
fn what_was_starved_before_the_step_does_not_count() {
    let outcome = steps("- see: splash\n- see: { needle: login, within: 1ms }")
        .needles(["splash", "login"])
        .machine(
            // At the first look of all: without it the first step cannot hold.
            Fake::shows(&Screen::of("splash"))
                .on(on::command("screendump"), [act::starve(HOUR)])
                .on(on::captures(LATE), [act::show(&Screen::of("login"))]),
        )
        .exit_code(1);
    let cause = outcome.cause("s");
    let late = "; no needle tagged `login` matched within 8ms";
    assert!(cause.message.ends_with(late), "{cause:?}");
}

#[test]
fn a_command_that_takes_longer_all_the_same_is_told_with_what_was_added() {
    // Starved once, when the command has begun and before the first look whether it has ended.
    let outcome = steps("- run: { command: sleep infinity, within: 100ms }")
        .machine(
            Fake::new()
                .on(on::boot(), [act::agent_comes()])
                .on(on::ran("sleep"), [act::starve(1200)])
                .never_ends("sleep infinity")
                .answers("kill -TERM", 0, ""),
        )
        .exit_code(1);
    outcome.shows("the host keeps the machine waiting, and the guest is not well");
    assert_eq!(
        outcome.cause("s").message,
        "`sleep infinity` still ran after 800ms, and 1.2s more in which the host gave the machine no processor"
    );
}
