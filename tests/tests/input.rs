//! `press`, `hold`, `type`, `click`, `move`, `drag`, `scroll`.

use qa_tests::{Badge, Entry, Fake, Screen, act, on};
use reports::Event;

use crate::steps;

#[test]
fn type_types_every_character_of_a_us_keyboard() {
    let text: String = (' '..='~').collect();
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
    let outcome = steps(&format!(
        "- type: {{ text: \"{quoted}\\t\", every: 2ms, enter: true }}"
    ))
    .exit_code(0);
    assert_eq!(outcome.journal().typed(), format!("{text}\t\n"));
}

#[test]
fn type_of_a_character_without_key_is_told_before_anything_is_typed() {
    let outcome = steps("- type: \"naïve\"").exit_code(3);
    assert_eq!(outcome.journal().typed(), "");
    assert!(
        outcome.cause("s").message.contains('ï'),
        "{:?}",
        outcome.cause("s")
    );
}

#[test]
fn press_presses_combinations_in_order() {
    let outcome =
        steps("- press: [ctrl-alt-f2, esc]\n- press: { keys: down, repeat: 2, every: 1ms }")
            .exit_code(0);
    let pressed: Vec<_> = outcome
        .journal()
        .entries()
        .iter()
        .filter_map(|entry| match entry {
            Entry::Pressed(keys) => Some(keys.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        pressed,
        ["ctrl", "ctrl-alt", "ctrl-alt-f2", "esc", "down", "down"]
    );
}

#[test]
fn press_until_stops_when_the_needle_is_there() {
    let outcome = steps("- press: { keys: esc, until: menu, every: 30ms }")
        .needles(["menu"])
        .machine(
            Fake::shows(&Screen::of("splash"))
                .on(on::typed("<esc><esc>"), [act::show(&Screen::of("menu"))]),
        )
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "<esc><esc>");
}

#[test]
fn press_until_presses_nothing_when_the_needle_is_there_already() {
    let outcome = steps("- see: menu\n- press: { keys: esc, until: menu }")
        .needles(["menu"])
        .machine(Fake::shows(&Screen::of("menu")))
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "");
}

#[test]
fn press_until_gives_up_after_its_repeats() {
    let outcome = steps("- press: { keys: esc, until: menu, repeat: 2, every: 5ms }")
        .needles(["menu"])
        .exit_code(1);
    assert_eq!(outcome.journal().typed(), "<esc><esc>");
    let cause = outcome.cause("s");
    assert!(
        cause
            .message
            .starts_with("`menu` did not appear after 2 presses"),
        "{cause:?}"
    );
    assert_eq!(
        outcome.last_evidence().look.unwrap().candidates[0].needle,
        "menu"
    );
}

#[test]
fn hold_holds_the_key_while_its_steps_run() {
    let outcome =
        steps("- hold:\n    keys: shift\n    steps:\n      - type: ab\n- type: c").exit_code(0);
    assert_eq!(outcome.journal().typed(), "ABc");
}

#[test]
fn hold_lets_go_even_when_a_step_in_it_fails() {
    // The fake fails the test when a key is down as QEMU quits.
    steps("- hold:\n    keys: ctrl\n    steps:\n      - see: { needle: login, within: 10ms }")
        .needles(["login"])
        .exit_code(1);
}

#[test]
fn click_goes_to_the_middle_of_the_area_where_it_was_found() {
    let button = Badge {
        word: "button".into(),
        x: 80,
        y: 60,
    };
    let outcome = steps("- click: button\n- see: done")
        .needles(["done"])
        .needle(&button)
        .machine(Fake::shows(&Screen::empty().badge("button", 84, 66)).on(
            on::clicked(&Badge {
                word: "button".into(),
                x: 84,
                y: 66,
            }),
            [act::show(&Screen::of("done"))],
        ))
        .exit_code(0);
    assert_eq!(outcome.journal().clicks(), ["left 108,82"]);
}

#[test]
fn click_uses_the_needles_own_click_point() {
    let mut json = Badge::of("dialog").needle();
    json["area"][0]["click_point"] = serde_json::json!({"xpos": 40, "ypos": 5});
    let outcome = steps("- click: { needle: dialog, button: right, count: 2 }")
        .needles(["dialog"])
        .file("needles/dialog.json", json.to_string())
        .machine(Fake::shows(&Screen::of("dialog")))
        .exit_code(0);
    assert_eq!(outcome.journal().clicks(), ["right 56,21", "right 56,21"]);
}

#[test]
fn click_at_a_place_needs_no_needle() {
    let outcome = steps("- click: { x: 3, y: 117 }").exit_code(0);
    assert_eq!(outcome.journal().clicks(), ["left 3,117"]);
}

#[test]
fn click_on_what_never_appears_clicks_nowhere() {
    let outcome = steps("- click: { needle: button, within: 20ms }")
        .needles(["button"])
        .exit_code(1);
    assert_eq!(outcome.journal().clicks(), [""; 0]);
    assert!(
        outcome
            .cause("s")
            .message
            .starts_with("no needle tagged `button` matched")
    );
}

#[test]
fn click_until_clicks_again_what_was_clicked_for_nothing_and_says_so() {
    let icon = Badge::of("icon");
    let outcome = steps("- click: { needle: icon, until: window, every: 30ms }")
        .needles(["icon", "window"])
        .machine(
            Fake::shows(&Screen::of("icon"))
                .on(on::clicked(&icon), [])
                .on(on::clicked(&icon), [act::show(&Screen::of("window"))]),
        )
        .exit_code(0);
    assert_eq!(outcome.journal().clicks().len(), 2);
    let notes: Vec<_> = outcome
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Note { text, .. } => Some(text),
            _ => None,
        })
        .collect();
    assert_eq!(notes, ["`window` came after 2 clicks"]);
}

#[test]
fn click_until_does_not_click_where_its_target_is_gone() {
    let outcome = steps("- click: { needle: icon, until: window, every: 5ms, within: 60ms }")
        .needles(["icon", "window"])
        .machine(Fake::shows(&Screen::of("icon")).on(
            on::clicked(&Badge::of("icon")),
            [act::show(&Screen::of("splash"))],
        ))
        .exit_code(1);
    assert_eq!(outcome.journal().clicks().len(), 1);
    let cause = outcome.cause("s");
    assert!(
        cause
            .message
            .starts_with("`window` did not appear after 1 click in"),
        "{cause:?}"
    );
}

#[test]
fn drag_goes_down_at_one_place_and_up_at_the_other() {
    let outcome = steps("- drag: { from: file, to: { x: 150, y: 110 } }")
        .needles(["file"])
        .machine(Fake::shows(&Screen::of("file")))
        .exit_code(0);
    let (x, y) = Badge::of("file").middle();
    assert_eq!(outcome.journal().clicks(), [format!("left {x},{y}")]);
    let released = outcome.journal().entries().iter().any(|entry| {
        *entry
            == Entry::Released {
                button: "left".into(),
                x: 150,
                y: 110,
            }
    });
    assert!(released, "{:?}", outcome.journal());
}

#[test]
fn scroll_turns_the_wheel_over_the_place() {
    let outcome = steps(
        "- move: { x: 8, y: 9 }\n- scroll: down\n- scroll: { direction: up, notches: 2, at: list }",
    )
    .needles(["list"])
    .machine(Fake::shows(&Screen::of("list")))
    .exit_code(0);
    let (x, y) = Badge::of("list").middle();
    let up = format!("wheel-up {x},{y}");
    assert_eq!(
        outcome.journal().clicks(),
        ["wheel-down 8,9".to_owned(), up.clone(), up]
    );
}

#[test]
fn a_machine_without_a_tablet_cannot_be_clicked_on_and_says_so() {
    // The screen of a machine with `display: none` is missing altogether: the scenario is skipped with the reason.
    let project = "\
images: { disk: { path: disk.img, machine: dark } }
scenarios: [scenarios]
machines: { dark: { preset: bios-x86_64, accel: tcg, memory: 64M, display: { device: none } } }
";
    let outcome = steps("- click: { x: 1, y: 1 }")
        .project(project)
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, reports::Verdict::Skipped);
    assert!(
        outcome.cause("s").message.contains("no screen"),
        "{:?}",
        outcome.cause("s")
    );
}
