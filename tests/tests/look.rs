//! `see`, `gone`, `still`, `changed`, `screenshot`.

use qa_tests::{Badge, Fake, Screen, act, on};
use reports::{CauseKind, Verdict};

use crate::steps;

#[test]
fn see_waits_for_the_needle() {
    let outcome = steps("- see: login")
        .needles(["login"])
        .machine(Fake::frames([&Screen::of("splash"), &Screen::of("login")]))
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
    let look = outcome.last_evidence().look.unwrap();
    let area = look.matched.unwrap().areas.remove(0);
    assert_eq!((area.x, area.y, area.ok), (16, 16, true));
    assert!(area.similarity > 0.999, "{area:?}");
}

#[test]
fn see_finds_a_needle_that_has_moved_within_its_margin() {
    let outcome = steps("- see: login")
        .needles(["login"])
        .machine(Fake::shows(&Screen::empty().badge("login", 27, 21)))
        .exit_code(0);
    let area = outcome
        .last_evidence()
        .look
        .unwrap()
        .matched
        .unwrap()
        .areas
        .remove(0);
    assert_eq!((area.x, area.y), (27, 21));
    assert_eq!((area.recorded_x, area.recorded_y), (16, 16));
}

#[test]
fn see_that_never_holds_fails_with_the_frame_and_the_nearest_needle() {
    let outcome = steps("- see: { needle: login, within: 20ms }")
        .needles(["login"])
        .machine(
            Fake::shows(&Screen::of("splash")).on(on::captures(1), [act::say("boot: no root\r\n")]),
        )
        .exit_code(1);
    let (verdict, cause) = outcome.verdict("s");
    assert_eq!(verdict, Verdict::Failed);
    let cause = cause.unwrap();
    assert_eq!(cause.kind, CauseKind::Deadline);
    assert!(
        cause
            .message
            .contains("; no needle tagged `login` matched within"),
        "{cause:?}"
    );
    assert_eq!(cause.step.as_deref(), Some("s step 1"));
    assert_eq!(cause.place.as_deref(), Some("scenarios/s.yaml:3:5"));
    let evidence = outcome.last_evidence();
    assert_eq!(evidence.look.unwrap().candidates[0].needle, "login");
    assert!(
        evidence.serial_tail.contains(&"boot: no root".to_owned()),
        "{:?}",
        evidence.serial_tail
    );
    let frame = evidence.frame.unwrap();
    assert_eq!((frame.width, frame.height), (160, 120));
    let files: Vec<_> = outcome
        .files()
        .into_iter()
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(files.contains(&frame.file), "{files:?}");
}

#[test]
fn any_of_several_tags_is_enough_and_all_of_one_string_are_needed() {
    let both = Badge::of("login")
        .needle()
        .to_string()
        .replace("[\"login\"]", "[\"login\", \"english\"]");
    steps("- see: [splash, login]\n- see: login english")
        .needles(["login", "splash"])
        .file("needles/login.json", both)
        .machine(Fake::shows(&Screen::of("login")))
        .exit_code(0);
}

#[test]
fn see_not_waits_until_the_other_needle_is_gone() {
    let busy = Screen::of("desktop").badge("spinner", 96, 64);
    steps("- see: { needle: desktop, not: spinner }")
        .needles(["desktop"])
        .needle(&Badge {
            word: "spinner".into(),
            x: 96,
            y: 64,
        })
        .machine(Fake::frames([&busy, &Screen::of("desktop")]))
        .exit_code(0);
}

#[test]
fn see_for_a_time_starts_again_after_a_break() {
    let (desktop, empty) = (Screen::of("desktop"), Screen::empty());
    steps("- see: { needle: desktop, for: 100ms }")
        .needles(["desktop"])
        .machine(Fake::frames([&desktop, &empty, &desktop]))
        .exit_code(0);
}

#[test]
fn see_for_a_time_that_the_deadline_cuts_short_did_not_hold() {
    let outcome = steps("- see: { needle: desktop, for: 2h, within: 20ms }")
        .needles(["desktop"])
        .machine(Fake::shows(&Screen::of("desktop")))
        .exit_code(1);
    let message = outcome.cause("s").message;
    assert!(
        message.starts_with("`desktop` was on the screen, but did not stay for 2h within"),
        "{message}"
    );
    let look = outcome.last_evidence().look.unwrap();
    assert_eq!(look.matched.unwrap().needle, "desktop");
}

#[test]
fn see_for_a_time_has_that_time_besides_its_usual_deadline() {
    let outcome = steps("- see: { needle: desktop, for: 600ms }\n- still: { for: 600ms }")
        .needles(["desktop"])
        .machine(Fake::shows(&Screen::of("desktop")))
        .args(["--deadline-scale", "0.01"])
        .exit_code(0);
    let log = outcome.file("events.jsonl");
    // 30 s, eight times as long where emulated, and a hundredth of that.
    assert_eq!(log.matches("\"deadline_ms\":3000").count(), 2, "{log}");
}

#[test]
fn a_needle_that_stays_may_be_far_from_where_it_was_cut() {
    let far = Badge {
        word: "moved".into(),
        x: 8,
        y: 16,
    };
    steps("- see: { needle: moved, for: 100ms, within: 20s }")
        .needle(&far)
        .machine(Fake::shows(&Screen::empty().badge("moved", 104, 16)))
        .exit_code(0);
}

#[test]
fn gone_waits_until_the_needle_is_nowhere() {
    steps("- see: splash\n- gone: splash")
        .needles(["splash"])
        .machine(Fake::frames([
            &Screen::of("splash"),
            &Screen::empty().badge("splash", 96, 64),
            &Screen::empty(),
        ]))
        .exit_code(0);
}

#[test]
fn gone_is_not_what_is_there_again_on_the_next_picture() {
    let splash = Screen::of("splash");
    let pressed = Screen::empty().badge("pressed", 96, 64);
    let outcome = steps("- see: splash\n- gone: { needle: splash, within: 100ms }")
        .needles(["splash"])
        .machine(Fake::frames([&splash, &pressed, &splash]))
        .exit_code(1);
    let message = outcome.cause("s").message;
    assert!(
        message.starts_with("`splash` was still on the screen"),
        "{message}"
    );
}

#[test]
fn gone_that_never_comes_names_the_needle() {
    let outcome = steps("- gone: { needle: splash, within: 20ms }")
        .needles(["splash"])
        .machine(Fake::shows(&Screen::of("splash")))
        .exit_code(1);
    let cause = outcome.cause("s");
    assert!(
        cause
            .message
            .starts_with("`splash` was still on the screen after"),
        "{cause:?}"
    );
    assert_eq!(
        outcome
            .last_evidence()
            .look
            .unwrap()
            .matched
            .unwrap()
            .needle,
        "splash"
    );
}

#[test]
fn still_waits_until_nothing_moves() {
    let frames = ["a", "b", "c"].map(Screen::of);
    let outcome = steps("- still: 150ms")
        .machine(Fake::frames(&frames))
        .exit_code(0);
    let last = outcome.last_evidence().frame.unwrap();
    assert!(
        last.generation >= 3,
        "the last picture is the one that stayed: {last:?}"
    );
}

#[test]
fn still_leaves_out_what_is_to_be_ignored_and_fails_on_the_rest() {
    let (one, other) = (Screen::of("one"), Screen::of("other"));
    let mut restless = Fake::shows(&one);
    for turn in 0..500 {
        restless = restless.on(
            on::captures(1),
            [act::show(if turn % 2 == 0 { &other } else { &one })],
        );
    }
    steps("- still: { for: 100ms, ignore: { x: 16, y: 16, width: 48, height: 32 } }")
        .machine(restless.clone())
        .exit_code(0);
    let outcome = steps("- still: { for: 1s, within: 100ms }")
        .machine(restless)
        .exit_code(1);
    let cause = outcome.cause("s");
    let changed = outcome.last_evidence().changed.unwrap();
    let place = format!(
        "it last changed in the rectangle of {}x{} at {},{}",
        changed.width, changed.height, changed.x, changed.y
    );
    assert!(
        cause
            .message
            .starts_with("the screen did not stay the same")
            && cause.message.ends_with(&place)
            && cause.hints[0].contains(&format!("ignore: {{ x: {}, y: {}", changed.x, changed.y)),
        "{cause:?}"
    );
    assert!(
        changed.x >= 16 && changed.x + changed.width <= 64,
        "{changed:?}"
    );
    let report = outcome.file("report.html");
    let drawn = format!(
        "<rect class=\"bad\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
        changed.x, changed.y, changed.width, changed.height
    );
    assert!(report.contains(&drawn), "{drawn}");
}

#[test]
fn changed_compares_with_the_screen_before_the_input() {
    steps("- see: login\n- type: a\n- changed:")
        .needles(["login"])
        .machine(
            Fake::shows(&Screen::of("login"))
                .on(on::typed("a"), [act::show(&Screen::of("desktop"))]),
        )
        .exit_code(0);
    let outcome = steps("- see: login\n- type: a\n- changed: { within: 20ms }")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")))
        .exit_code(1);
    assert!(
        outcome
            .cause("s")
            .message
            .starts_with("the screen did not change within")
    );
}

#[test]
fn screenshot_keeps_a_frame_under_its_name() {
    let outcome = steps("- screenshot: the greeter\n- screenshot:")
        .machine(Fake::shows(&Screen::of("login")))
        .exit_code(0);
    let frames: Vec<_> = outcome
        .files()
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "png"))
        .collect();
    let named = frames
        .iter()
        .find(|(path, _)| path.ends_with("s/frames/0001-the-greeter.png"));
    let picture = image::load_from_memory(&named.unwrap().1)
        .unwrap()
        .to_rgb8();
    let drawn = image::load_from_memory(&Screen::of("login").png())
        .unwrap()
        .to_rgb8();
    assert!(
        picture == drawn,
        "the kept frame is what the machine showed, to the pixel"
    );
}

#[test]
fn a_display_that_is_off_for_a_while_is_waited_for() {
    steps("- see: login")
        .needles(["login"])
        .machine(
            Fake::new()
                .on(on::boot(), [act::screen_off(), act::say("dark\n")])
                .on(on::command("screendump"), [])
                .on(on::command("screendump"), [])
                .on(on::command("screendump"), [act::show(&Screen::of("login"))]),
        )
        .exit_code(0);
}

#[test]
fn a_capture_that_is_no_picture_is_no_end() {
    steps("- see: login")
        .needles(["login"])
        .machine(
            Fake::new()
                .on(on::boot(), [act::show_bytes(b"P6\n160 120\n255\nhalf")])
                .on(on::captures(2), [act::show_bytes(b"")])
                .on(on::captures(2), [act::show(&Screen::of("login"))]),
        )
        .exit_code(0);
}

#[test]
fn how_long_an_effect_took_is_in_the_evidence() {
    let outcome = steps("- type: a\n- see: effect")
        .needles(["effect"])
        .machine(Fake::new().on(on::typed("a"), [act::show(&Screen::of("effect"))]))
        .exit_code(0);
    assert!(outcome.last_evidence().after_ms.is_some());
    for report in ["junit.xml", "report.html"] {
        let text = outcome.file(report);
        assert!(text.contains("after the last input"), "{report}");
    }
    // What was there before says nothing.
    let outcome = steps("- see: effect")
        .needles(["effect"])
        .machine(Fake::shows(&Screen::of("effect")))
        .exit_code(0);
    assert_eq!(outcome.last_evidence().after_ms, None);
}
