//! Screens of other sizes, mode switches while a scenario runs, screens that blank.

use qa_tests::{Badge, Fake, Outcome, Screen, act, on};
use reports::{CauseKind, StepOutcome, Verdict};

use crate::steps;

/// A firmware's text screen.
fn text_mode() -> Screen {
    Screen::sized(72, 40)
}

/// A larger screen with a badge.
fn large(word: &str, x: u32, y: u32) -> Screen {
    Screen::sized(320, 240).badge(word, x, y)
}

/// The sizes of the frames that were kept of steps that ended.
fn sizes(outcome: &Outcome) -> Vec<(u32, u32)> {
    let frames = outcome.steps().into_iter().filter_map(|(_, _, evidence)| {
        let frame = evidence.frame?;
        Some((frame.width, frame.height))
    });
    frames.collect()
}

#[test]
fn screens_of_other_sizes_before_the_one_that_is_waited_for_are_passed_over() {
    let outcome = steps("- see: login")
        .needles(["login"])
        .machine(Fake::frames([
            &text_mode(),
            &Screen::sized(1, 1),
            &Screen::sized(320, 240),
            &text_mode(),
            &Screen::of("login"),
        ]))
        .exit_code(0);
    assert_eq!(sizes(&outcome), [(160, 120)]);
}

#[test]
fn pictures_without_pixels_and_of_one_are_waited_out() {
    steps("- see: login")
        .needles(["login"])
        .machine(
            Fake::new()
                .on(on::boot(), [act::show_bytes(b"P6\n0 0\n255\n")])
                .on(on::captures(2), [act::show(&Screen::sized(1, 1))])
                .on(on::captures(2), [act::show(&text_mode())])
                .on(on::captures(2), [act::show(&Screen::of("login"))]),
        )
        .exit_code(0);
}

#[test]
fn a_needle_that_was_cut_from_another_size_says_so_when_it_does_not_match() {
    let outcome = steps("- see: { needle: login, within: 20ms }")
        .needles(["login"])
        .machine(Fake::shows(&text_mode()))
        .exit_code(1);
    let message = outcome.cause("s").message;
    assert!(
        message.starts_with(
            "the screen is 72x40, and needle `login` was cut from 160x120; no needle tagged `login` matched within "
        ),
        "{message}"
    );
    assert_eq!(sizes(&outcome), [(72, 40)]);
    let same_size = steps("- see: { needle: login, within: 20ms }")
        .needles(["login"])
        .exit_code(1);
    assert!(
        !same_size.cause("s").message.contains("was cut from"),
        "{:?}",
        same_size.cause("s")
    );
}

#[test]
fn keys_that_do_not_help_on_a_screen_of_another_size_say_so() {
    let cause = steps("- press: { keys: esc, until: login, every: 10ms, repeat: 2, within: 10s }")
        .needles(["login"])
        .machine(Fake::shows(&text_mode()))
        .exit_code(1)
        .cause("s");
    assert!(
        cause
            .message
            .starts_with("the screen is 72x40, and needle `login` was cut from 160x120; "),
        "{cause:?}"
    );
}

#[test]
fn what_was_there_before_the_display_went_off_is_not_seen() {
    let outcome = steps("- see: login\n- press: a\n- see: { needle: login, within: 20ms }")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")).on(on::pressed("a"), [act::screen_off()]))
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Deadline);
    assert!(
        cause
            .message
            .ends_with("there is nothing to look at: the screen cannot be captured: no surface"),
        "{cause:?}"
    );
    assert!(
        outcome.last_evidence().frame.is_some(),
        "the last picture there was is kept as evidence"
    );
}

#[test]
fn a_display_that_comes_back_with_the_same_picture_is_seen_again() {
    // There is nothing to see after the first capture: one of the two looks, or both, find that.
    steps("- see: login\n- see: login\n- type: b")
        .needles(["login"])
        .machine(
            Fake::shows(&Screen::of("login"))
                .on(on::captures(1), [act::show_bytes(b"")])
                .on(on::captures(2), [act::show(&Screen::of("login"))]),
        )
        .exit_code(0);
}

#[test]
fn a_screenshot_of_a_display_that_is_off_is_the_last_picture_there_was() {
    let outcome = steps("- see: login\n- press: a\n- screenshot:")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")).on(on::pressed("a"), [act::screen_off()]))
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
    assert_eq!(sizes(&outcome).last(), Some(&(160, 120)));
}

#[test]
fn a_needle_is_not_gone_because_the_screen_blanks_for_a_moment() {
    let outcome = steps("- see: splash\n- press: a\n- gone: { needle: splash, within: 1h }")
        .needles(["splash"])
        .machine(
            Fake::shows(&Screen::of("splash"))
                .on(on::pressed("a"), [act::show(&Screen::empty())])
                .on(on::captures(1), [act::show(&Screen::of("splash"))])
                .on(on::captures(2), [act::show(&Screen::of("desktop"))]),
        )
        .exit_code(0);
    let frame = outcome.last_evidence().frame.unwrap();
    let kept = image::open(outcome.run_folder().join(frame.file)).unwrap();
    let desktop = image::load_from_memory(&Screen::of("desktop").png()).unwrap();
    assert!(
        kept.to_rgb8() == desktop.to_rgb8(),
        "it is gone on the desktop, not before"
    );
}

#[test]
fn a_needle_is_not_gone_because_the_screen_switches_modes() {
    let outcome = steps("- see: splash\n- press: a\n- gone: { needle: splash, within: 1h }")
        .needles(["splash"])
        .machine(
            Fake::shows(&Screen::of("splash"))
                .on(on::pressed("a"), [act::show(&large("noise", 100, 100))])
                .on(on::captures(1), [act::show(&Screen::of("splash"))])
                .on(on::captures(2), [act::show(&Screen::of("desktop"))]),
        )
        .exit_code(0);
    assert_eq!(sizes(&outcome).last(), Some(&(160, 120)));
}

#[test]
fn whether_a_needle_is_gone_is_not_told_of_a_display_that_is_off() {
    let cause = steps("- see: splash\n- press: a\n- gone: { needle: splash, within: 20ms }")
        .needles(["splash"])
        .machine(Fake::shows(&Screen::of("splash")).on(on::pressed("a"), [act::screen_off()]))
        .exit_code(1)
        .cause("s");
    assert!(
        cause.message.starts_with("`splash` may or may not be gone")
            && cause.message.contains("no surface"),
        "{cause:?}"
    );
}

#[test]
fn another_size_is_a_change_and_no_stillness() {
    let outcome = steps("- press: a\n- changed:\n- still: { for: 20ms }")
        .machine(
            Fake::shows(&Screen::empty())
                .on(on::pressed("a"), [act::show(&Screen::sized(320, 240))])
                .on(on::captures(2), [act::show(&text_mode())]),
        )
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
}

#[test]
fn a_click_goes_where_the_needle_is_in_the_mode_that_the_screen_is_in() {
    let moved = Badge {
        word: "ok".to_owned(),
        x: 64,
        y: 40,
    };
    let outcome = steps("- click: ok\n- see: done")
        .needles(["ok", "done"])
        .machine(
            Fake::shows(&Screen::of("ok"))
                // Between the first look and the one before the click.
                .on(on::captures(1), [act::show(&large("ok", moved.x, moved.y))])
                .on(on::clicked(&moved), [act::show(&Screen::of("done"))]),
        )
        .exit_code(0);
    assert_eq!(outcome.journal().clicks(), ["left 88,56"]);
}

#[test]
fn a_drag_begins_and_ends_in_the_same_mode() {
    let from = Badge::of("from");
    let both = large("from", from.x, from.y).badge("to", 150, 110);
    // Where it was cut, on a screen of half the size.
    let to = Badge {
        word: "to".to_owned(),
        x: 80,
        y: 60,
    };
    let outcome = steps("- drag: { from: from, to: to }\n- see: done")
        .needles(["from", "done"])
        .needle(&to)
        .machine(
            Fake::shows(&Screen::of("from"))
                .on(on::captures(8), [act::show(&both)])
                .on(on::clicked(&from), [act::show(&Screen::of("done"))]),
        )
        .exit_code(0);
    assert_eq!(outcome.steps()[0].1, StepOutcome::Passed);
}

#[test]
fn a_point_that_the_screen_does_not_have_yet_is_waited_for() {
    let outcome = steps("- click: { x: 300, y: 200 }")
        .machine(Fake::frames([
            &text_mode(),
            &Screen::empty(),
            &Screen::sized(320, 240),
        ]))
        .exit_code(0);
    assert_eq!(outcome.journal().clicks(), ["left 300,200"]);
    let cause = steps("- click: { x: 300, y: 200, within: 20ms }")
        .exit_code(3)
        .cause("s");
    assert_eq!(
        cause.message,
        "300,200 lies off the screen, which is 160x120"
    );
}
