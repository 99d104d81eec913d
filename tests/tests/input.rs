//! `press`, `hold`, `type`, `click`, `move`, `drag`, `scroll`.

use qa_tests::{Badge, Entry, Fake, Outcome, Qa, Screen, act, on};
use reports::{Arrival, Event};

use crate::{qa, steps};

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

/// A call that is refused before a machine starts.
#[track_caller]
fn refused(qa: Qa, parts: &[&str]) -> String {
    let mut qa = qa;
    for part in parts {
        qa = qa.stderr_has(part);
    }
    let outcome = qa.exit_code(2);
    assert_eq!(outcome.journal().pids(), [0_u32; 0], "nothing is started");
    outcome.stderr().to_owned()
}

#[test]
fn a_character_that_no_key_types_is_told_with_its_place_before_a_machine_starts() {
    let parts = [
        "untyped-character",
        "no key of the `us` layout types 'ï'",
        "scenarios/s.yaml:3:14",
        "`keyboard: de`",
        "beyond: compose",
    ];
    let text = "- type: \"naïve £5\"";
    refused(steps(text), &parts);
    // `qa check` says the same.
    let mut check = qa().steps("s", text).args(["check"]);
    for part in parts {
        check = check.stdout_has(part);
    }
    check.exit_code(2);
    refused(
        steps("- press: [esc, é]"),
        &[
            "scenarios/s.yaml:3:18",
            "no key of the `us` layout types 'é'",
        ],
    );
    refused(
        steps("- hold: { keys: ctrl-é, for: 1s }"),
        &[
            "scenarios/s.yaml:3:24",
            "no key of the `us` layout types 'é'",
        ],
    );
}

#[test]
fn a_value_that_no_keys_type_is_told_where_it_is_used() {
    let scenario = "image: disk\nvars: { name: Zoe }\nsteps:\n  - type: 'hello {{ name }}'\n";
    let call = qa().scenario("s", scenario);
    refused(
        call.args(["run", "s", "--var", "name=Zoë"]),
        &[
            "scenarios/s.yaml:4:18",
            "no key of the `us` layout types 'ë', which the variable `name` has in it",
        ],
    );
}

#[test]
fn a_secret_that_no_keys_type_is_told_without_its_characters() {
    let scenario = "image: disk\nsteps:\n  - type: '{{ password }}'\n";
    let said = refused(
        qa().scenario("s", scenario)
            .project_also("secrets:\n  password: { env: QA_TEST_PASSWORD }\n")
            .env("QA_TEST_PASSWORD", "grün")
            .args(["run", "s"]),
        &["types a character of the secret", "`password`"],
    );
    assert!(!said.contains('ü') && !said.contains("grün"), "{said}");
}

#[test]
fn what_a_step_sets_and_no_keys_type_is_an_error_of_the_step() {
    let outcome =
        steps("- set: { name: 'a b' }\n- run: { command: who, save: name }\n- type: '{{ name }}'")
            .machine(
                Fake::new()
                    .on(on::boot(), [act::agent_comes()])
                    .answers("who", 0, "Zoë"),
            )
            .exit_code(3);
    assert_eq!(outcome.journal().typed(), "");
    let message = outcome.cause("s").message;
    assert!(
        message.contains("no key of the `us` layout types 'ë'"),
        "{message}"
    );
}

#[test]
fn a_capital_letter_is_pressed_with_shift() {
    let outcome = steps("- press: A\n- press: '?'\n- press: a\n- press: shift-B").exit_code(0);
    assert_eq!(outcome.journal().typed(), "A?aB");
    refused(
        steps("- press: ctrl-C"),
        &[
            "`ctrl-C` has a capital letter",
            "write `ctrl-c` without Shift, `ctrl-shift-c` with it",
        ],
    );
}

#[test]
fn text_is_typed_on_the_layout_that_the_guest_has() {
    // The machine of the tests reads keys as a US keyboard: it shows where they are.
    let german = steps("- type: 'zü^'\n- press: ctrl-z").project_also("keyboard: de\n");
    let outcome = german.exit_code(0);
    assert_eq!(outcome.journal().typed(), "y[` ");
    let scenario =
        "image: disk\nkeyboard: { layout: us, beyond: unicode }\nsteps:\n  - type: 'é'\n";
    let outcome = qa()
        .scenario("s", scenario)
        .project_also("keyboard: de\n")
        .args(["run", "s"])
        .exit_code(0);
    assert_eq!(outcome.journal().typed(), "e9 ");
}

/// A machine with a USB keyboard.
const USB: &str = "\
images: { disk: { path: disk.img, machine: usb } }
scenarios: [scenarios]
machines: { usb: { preset: bios-x86_64, accel: tcg, memory: 64M, input: usb } }
";

#[test]
fn typing_never_beats_the_keyboard() {
    let text = "The quick brown FOX jumps over the lazy dog, 1234567890 times!";
    let outcome = steps(&format!(
        "- type: {{ text: '{text}', every: 1ms }}\n- press: left"
    ))
    .project(USB)
    .exit_code(0);
    assert_eq!(outcome.journal().typed(), format!("{text}<left>"));
    let arrivals: Vec<_> = inputs(&outcome).into_iter().map(|input| input.1).collect();
    assert_eq!(arrivals, [Some(Arrival::Taken), Some(Arrival::Taken)]);
}

/// An action with keyboard or pointer: its words, how far it came, its point, and whether the screen changed.
type Input = (String, Option<Arrival>, Option<[u32; 2]>, bool);

/// The actions in the log.
fn inputs(outcome: &Outcome) -> Vec<Input> {
    let input = |event| match event {
        Event::Input {
            what,
            arrival,
            at,
            change,
            ..
        } => Some((what, arrival, at, change.is_some())),
        _ => None,
    };
    outcome.events().into_iter().filter_map(input).collect()
}

#[test]
fn the_log_says_what_was_done_where_and_what_changed() {
    let button = Badge::of("button");
    let (x, y) = button.middle();
    let outcome = steps(
        "- see: button\n- type: { text: hunter2, secret: true }\n- click: button\n- see: done\n- press: ctrl-c",
    )
    .needles(["button", "done"])
    .machine(
        Fake::shows(&Screen::of("button"))
            .on(on::clicked(&button), [act::show(&Screen::of("done"))]),
    )
    .exit_code(0);
    let taken = Some(Arrival::Taken);
    assert_eq!(
        inputs(&outcome),
        [
            ("type •••".to_owned(), taken, None, false),
            ("click left".to_owned(), None, Some([x, y]), true),
            ("press ctrl-c".to_owned(), taken, None, false),
        ]
    );
}

#[test]
fn the_first_picture_of_all_is_no_change_of_the_screen() {
    let outcome = steps("- type: open\n- see: done")
        .needles(["done"])
        .machine(
            Fake::new()
                .on(on::start(), [act::screen_off()])
                .on(on::typed("open"), [act::show(&Screen::of("done"))]),
        )
        .exit_code(0);
    assert_eq!(
        inputs(&outcome),
        [(
            "type \"open\"".to_owned(),
            Some(Arrival::Taken),
            None,
            false
        )]
    );
}

#[test]
fn keys_wait_until_the_screen_is_still_where_a_step_asks_for_that() {
    let outcome =
        steps("- type: { text: late, when_still: 50ms }\n- press: { keys: esc, when_still: 50ms }")
            .machine(Fake::frames([
                &Screen::of("one"),
                &Screen::of("two"),
                &Screen::of("three"),
            ]))
            .exit_code(0);
    assert_eq!(outcome.journal().typed(), "late<esc>");
    let cause = steps("- type: { text: never, when_still: 10s, within: 100ms }").exit_code(1);
    assert_eq!(cause.journal().typed(), "");
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
            .contains("; `menu` did not appear after 2 presses"),
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
            .contains("no needle tagged `button` matched")
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
fn click_until_clicks_again_what_only_the_pointer_has_changed() {
    let icon = Badge::of("icon");
    let hovered = Screen::of("hovered");
    let outcome = steps("- click: { needle: icon, until: window, every: 30ms }")
        .needles(["icon", "window"])
        .machine(
            Fake::shows(&Screen::of("icon"))
                .whenever(on::hovered(&icon), [act::show(&hovered)])
                .whenever(on::pointed(159, 119), [act::show(&Screen::of("icon"))])
                .on(on::clicked(&icon), [])
                .on(on::clicked(&icon), [act::show(&Screen::of("window"))]),
        )
        .exit_code(0);
    assert_eq!(outcome.journal().clicks().len(), 2);
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
            .contains("; `window` did not appear after 1 click in"),
        "{cause:?}"
    );
    assert!(
        cause
            .message
            .contains("it was not clicked again, as its target had changed: `icon` matches "),
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

#[test]
fn a_character_that_a_step_sets_is_refused_before_a_machine_starts() {
    let refused = "- set: { x: 'a\u{2603}' }\n- set: { y: 'b{{ x }}' }\n- type: '{{ y }}'";
    let outcome = steps(refused).exit_code(2);
    let said = outcome.stderr();
    assert!(said.contains("which the variable `y` has in it"), "{said}");
    assert_eq!(outcome.journal().pids(), [0_u32; 0]);
    // What is set anew, or perhaps not at all, or by the guest, is known only when it is typed.
    for known in [
        "- set: { x: 'a\u{2603}' }\n- set: { x: a }\n- type: '{{ x }}'",
        "- set: { x: '\u{2603}' }\n- set: { x: a }\n  when: arch == \"x86_64\"\n- type: '{{ x }}'",
    ] {
        steps(known).exit_code(0);
    }
}

#[test]
fn a_variable_that_steps_double_is_refused_before_a_machine_starts() {
    let doubling = "- set: { x: '{{ x }}{{ x }}' }\n".repeat(30);
    let outcome = steps(&format!("- set: {{ x: '0123456789' }}\n{doubling}")).exit_code(2);
    let said = outcome.stderr();
    assert!(said.contains("too-much-text"), "{said}");
    assert_eq!(outcome.journal().pids(), [0_u32; 0]);
}
