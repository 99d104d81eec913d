//! Taps for the characters of every layout.

use super::*;
use crate::finding::{Source, Span};
use crate::value::{FromText, Text};

const LAYOUTS: [Layout; 5] = [Layout::Us, Layout::Gb, Layout::De, Layout::Fr, Layout::Es];

fn keyboard(layout: Layout) -> Keyboard {
    Keyboard {
        layout,
        beyond: None,
    }
}

/// The taps of a text, in the usual notation.
fn typed(keyboard: Keyboard, text: &str) -> String {
    match keyboard.text(text) {
        Ok(characters) => shown(&characters.concat()),
        Err(untyped) => untyped.to_string(),
    }
}

fn pressed(keyboard: Keyboard, combo: &str) -> String {
    let source = Source::new("a.yaml", combo);
    let combo = KeyCombo::from_text(&Text::open(combo), &Span::new(&source, 0..1)).unwrap();
    match keyboard.combo(&combo) {
        Ok(taps) => shown(&taps),
        Err(untyped) => untyped.to_string(),
    }
}

fn shown(taps: &[Tap]) -> String {
    let taps: Vec<_> = taps.iter().map(|tap| tap.join("-")).collect();
    taps.join(" ")
}

#[test]
fn every_layout_types_every_printable_character_of_ascii() {
    for layout in LAYOUTS {
        let mut seen = Vec::new();
        for character in (' '..='~').chain(['\n', '\t']) {
            let taps = keyboard(layout).text(&character.to_string());
            let taps = taps.unwrap_or_else(|untyped| panic!("{untyped}"));
            assert!(!seen.contains(&taps), "{layout:?} {character:?}");
            seen.push(taps);
        }
    }
}

#[test]
fn every_line_of_a_table_is_a_key_and_what_it_types() {
    for layout in LAYOUTS {
        let lines: Vec<Vec<&str>> = (layout.table().lines())
            .map(|line| line.split(' ').collect())
            .collect();
        assert!(lines.len() >= 47, "{layout:?}");
        for words in lines {
            assert!((3..=5).contains(&words.len()), "{layout:?} {words:?}");
            for typed in &words[1..] {
                let is_one = typed.chars().count() == 1;
                assert!(is_one || typed.starts_with("dead_"), "{layout:?} {words:?}");
            }
        }
    }
}

#[test]
fn the_same_text_takes_other_keys_on_another_layout() {
    for (layout, text, taps) in [
        (Layout::Us, "aA1! \n", "a shift-a 1 shift-1 spc ret"),
        (
            Layout::Us,
            "/?\\|~`",
            "slash shift-slash backslash shift-backslash shift-grave_accent grave_accent",
        ),
        (
            Layout::Gb,
            "\"@#£",
            "shift-2 shift-apostrophe backslash shift-3",
        ),
        (Layout::De, "yZ-@", "z shift-y slash alt_r-q"),
        (
            Layout::De,
            "ß€^`",
            "minus alt_r-e grave_accent spc shift-equal spc",
        ),
        (Layout::De, "é´", "equal e equal equal"),
        (Layout::Fr, "aq1.", "q a shift-1 shift-comma"),
        (Layout::Fr, "ê@^", "bracket_left e alt_r-0 alt_r-9"),
        (
            Layout::Es,
            "ñü^",
            "semicolon shift-apostrophe u shift-bracket_left spc",
        ),
    ] {
        assert_eq!(typed(keyboard(layout), text), taps, "{layout:?} {text}");
    }
}

#[test]
fn a_single_character_is_pressed_as_the_layout_types_it() {
    for (layout, combo, taps) in [
        (Layout::Us, "A", "shift-a"),
        (Layout::Us, "a", "a"),
        (Layout::Us, "?", "shift-slash"),
        (Layout::Us, "ctrl-?", "ctrl-shift-slash"),
        (Layout::Us, "shift-A", "shift-a"),
        (Layout::Us, "shift-?", "shift-slash"),
        (Layout::Us, "ctrl-alt-f2", "ctrl-alt-f2"),
        (Layout::Us, "-", "minus"),
        (Layout::De, "ctrl-z", "ctrl-y"),
        (Layout::De, "minus", "minus"),
        (Layout::De, "^", "grave_accent spc"),
        (Layout::Fr, "é", "2"),
    ] {
        assert_eq!(pressed(keyboard(layout), combo), taps, "{layout:?} {combo}");
    }
    assert_eq!(
        pressed(keyboard(Layout::De), "ctrl-^"),
        "'^' takes several keys one after the other in the `de` layout, so it cannot be held with others"
    );
    assert_eq!(
        pressed(keyboard(Layout::Us), "é"),
        "no key of the `us` layout types 'é'"
    );
}

#[test]
fn what_no_key_types_is_typed_as_the_project_says() {
    let us = |beyond| Keyboard {
        layout: Layout::Us,
        beyond,
    };
    for (beyond, text, taps) in [
        (None, "aï", "no key of the `us` layout types 'ï'"),
        (
            Some(InputMethod::Compose),
            "é£",
            "compose apostrophe e compose shift-l minus",
        ),
        (
            Some(InputMethod::Compose),
            "😀",
            "no key of the `us` layout types '😀'",
        ),
        (Some(InputMethod::Unicode), "é", "ctrl-shift-u e 9 spc"),
        (
            Some(InputMethod::Unicode),
            "\u{1b}",
            "no key of the `us` layout types '\\u{1b}'",
        ),
    ] {
        assert_eq!(typed(us(beyond), text), taps, "{beyond:?} {text}");
    }
    let french = Keyboard {
        layout: Layout::Fr,
        beyond: Some(InputMethod::Unicode),
    };
    // The digits of this layout need Shift.
    assert_eq!(
        typed(french, "ı😀"),
        "alt_r-shift-i".replace("alt_r-shift", "shift-alt_r")
            + " ctrl-shift-u shift-1 f shift-6 shift-0 shift-0 spc"
    );
}

#[test]
fn every_sequence_of_the_compose_key_can_be_typed() {
    let compose = include_str!("compose.txt");
    for layout in LAYOUTS {
        for character in compose.lines().filter_map(|line| line.chars().next()) {
            let taps = InputMethod::Compose.taps(layout, character);
            assert!(
                taps.is_some_and(|taps| taps.len() >= 3),
                "{layout:?} {character:?}"
            );
        }
    }
}

#[test]
fn a_secret_is_not_told_by_its_characters() {
    let untyped = keyboard(Layout::Us).text("grün").unwrap_err();
    assert_eq!(
        untyped.words(true),
        "no key of the `us` layout types a character of the secret"
    );
    assert!(!untyped.help().contains('ü'));
}
