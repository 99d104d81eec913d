//! A screen on which the guest has drawn nothing: QEMU shows a picture of its own then, which is none of the guest.

use qa_tests::{Fake, Outcome, Screen, act, on, placeholder};
use reports::{CauseKind, Verdict};

use crate::steps;

/// A machine whose guest draws nothing, ever.
fn draws_nothing() -> Fake {
    Fake::new().on(
        on::start(),
        [act::show_bytes(&placeholder::not_initialized())],
    )
}

/// A machine whose display is switched off by a key.
fn goes_off() -> Fake {
    Fake::shows(&Screen::of("login")).on(
        on::pressed("a"),
        [act::show_bytes(&placeholder::not_active())],
    )
}

/// The cause of a scenario that failed for want of a picture.
fn cause(outcome: &Outcome, says: &str) {
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::Deadline, "{cause:?}");
    assert!(cause.message.contains(says), "{cause:?}");
}

const NOTHING_YET: &str = "there is no picture of the guest, but QEMU's own \"Guest has not initialized the display \
    (yet).\"";

#[test]
fn a_screen_on_which_nothing_was_drawn_is_not_still() {
    let outcome = steps("- still: { for: 20ms, within: 200ms }")
        .machine(draws_nothing())
        .exit_code(1);
    cause(&outcome, NOTHING_YET);
}

#[test]
fn a_screen_on_which_nothing_was_drawn_has_not_changed() {
    let outcome = steps("- changed: { within: 200ms }")
        .machine(draws_nothing())
        .exit_code(1);
    cause(&outcome, NOTHING_YET);
}

#[test]
fn no_needle_is_gone_from_a_screen_on_which_nothing_was_drawn() {
    let outcome = steps("- gone: { needle: login, within: 200ms }")
        .needles(["login"])
        .machine(draws_nothing())
        .exit_code(1);
    cause(&outcome, NOTHING_YET);
}

#[test]
fn a_needle_that_is_waited_for_on_nothing_says_so() {
    let outcome = steps("- see: { needle: login, within: 200ms }")
        .needles(["login"])
        .machine(draws_nothing())
        .exit_code(1);
    cause(&outcome, NOTHING_YET);
}

#[test]
fn a_display_that_was_switched_off_is_neither_gone_nor_still_nor_changed() {
    let off =
        "QEMU's own \"Display output is not active.\": the guest has switched its display off";
    for step in [
        "gone: { needle: login, within: 200ms }",
        "still: { for: 20ms, within: 200ms }",
        "changed: { within: 200ms }",
    ] {
        let outcome = steps(&format!("- see: login\n- press: a\n- {step}"))
            .needles(["login"])
            .machine(goes_off())
            .exit_code(1);
        cause(&outcome, off);
    }
}

#[test]
fn what_the_guest_draws_after_it_counts() {
    let outcome = steps("- still: { for: 20ms }\n- see: login\n- screenshot: first")
        .needles(["login"])
        .machine(draws_nothing().on(on::captures(5), [act::show(&Screen::of("login"))]))
        .exit_code(0);
    let sizes: Vec<_> = outcome
        .steps()
        .into_iter()
        .filter_map(|(_, _, evidence)| evidence.frame)
        .map(|frame| (frame.width, frame.height))
        .collect();
    assert_eq!(sizes.last(), Some(&(160, 120)));
}

#[test]
fn a_screenshot_of_nothing_keeps_no_picture_and_says_so() {
    let outcome = steps("- screenshot: first")
        .machine(draws_nothing())
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
    let steps = outcome.steps();
    assert!(
        steps
            .iter()
            .all(|(_, _, evidence)| evidence.frame.is_none()),
        "{steps:?} {:?}",
        outcome.notes()
    );
    assert!(
        outcome
            .notes()
            .iter()
            .any(|note| note.starts_with("the screenshot was not taken: ")
                && note.contains(NOTHING_YET)),
        "{:?}",
        outcome.notes()
    );
}

#[test]
fn a_screen_of_one_colour_is_a_picture_of_the_guest() {
    steps("- still: { for: 20ms }")
        .machine(Fake::shows(&Screen::empty()))
        .exit_code(0);
}
