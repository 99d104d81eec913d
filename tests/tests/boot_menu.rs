//! Boot menus: they show for a second, and a key must come while they do.

use qa_tests::{Fake, Screen, act, on};

use crate::steps;

/// A machine whose menu comes after its logo and goes on by itself after a second. What it says tells which came first.
fn with_menu() -> Fake {
    Fake::shows(&Screen::of("logo"))
        .on(on::shown(700), [act::show(&Screen::of("menu"))])
        .on(
            on::shown(1_000),
            [act::say("timeout\n"), act::show(&Screen::of("default"))],
        )
}

#[test]
fn a_menu_that_shows_for_a_second_is_seen_and_a_key_comes_in_time() {
    let outcome = steps("- see: menu\n- press: down\n- serial: chosen")
        .needles(["menu"])
        .machine(with_menu().on(on::typed("<down>"), [act::say("chosen\n")]))
        .exit_code(0);
    let said = outcome.file("s/serial0.log");
    assert!(
        said.starts_with("chosen"),
        "the key came when the menu had gone: {said}"
    );
}
