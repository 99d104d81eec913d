use qapi::qmp::QKeyCode;

use super::{InputError, KeyName};

/// A key of a US keyboard and whether Shift is held with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stroke {
    pub(super) key: KeyName,
    pub(super) shift: bool,
}

/// Keys that type one character without and another with Shift.
const PAIRS: [(QKeyCode, char, char); 21] = [
    (QKeyCode::_1, '1', '!'),
    (QKeyCode::_2, '2', '@'),
    (QKeyCode::_3, '3', '#'),
    (QKeyCode::_4, '4', '$'),
    (QKeyCode::_5, '5', '%'),
    (QKeyCode::_6, '6', '^'),
    (QKeyCode::_7, '7', '&'),
    (QKeyCode::_8, '8', '*'),
    (QKeyCode::_9, '9', '('),
    (QKeyCode::_0, '0', ')'),
    (QKeyCode::minus, '-', '_'),
    (QKeyCode::equal, '=', '+'),
    (QKeyCode::bracket_left, '[', '{'),
    (QKeyCode::bracket_right, ']', '}'),
    (QKeyCode::backslash, '\\', '|'),
    (QKeyCode::semicolon, ';', ':'),
    (QKeyCode::apostrophe, '\'', '"'),
    (QKeyCode::grave_accent, '`', '~'),
    (QKeyCode::comma, ',', '<'),
    (QKeyCode::dot, '.', '>'),
    (QKeyCode::slash, '/', '?'),
];

const LETTERS: [QKeyCode; 26] = [
    QKeyCode::a,
    QKeyCode::b,
    QKeyCode::c,
    QKeyCode::d,
    QKeyCode::e,
    QKeyCode::f,
    QKeyCode::g,
    QKeyCode::h,
    QKeyCode::i,
    QKeyCode::j,
    QKeyCode::k,
    QKeyCode::l,
    QKeyCode::m,
    QKeyCode::n,
    QKeyCode::o,
    QKeyCode::p,
    QKeyCode::q,
    QKeyCode::r,
    QKeyCode::s,
    QKeyCode::t,
    QKeyCode::u,
    QKeyCode::v,
    QKeyCode::w,
    QKeyCode::x,
    QKeyCode::y,
    QKeyCode::z,
];

/// The strokes that type a text, one a character.
pub(super) fn strokes(text: &str) -> Result<Vec<Stroke>, InputError> {
    text.chars()
        .enumerate()
        .map(|(index, character)| {
            stroke(character).ok_or(InputError::UnknownCharacter {
                character,
                position: index + 1,
            })
        })
        .collect()
}

fn stroke(character: char) -> Option<Stroke> {
    let plain = |key| {
        Some(Stroke {
            key: KeyName(key),
            shift: false,
        })
    };
    match character {
        ' ' => return plain(QKeyCode::spc),
        '\n' => return plain(QKeyCode::ret),
        '\t' => return plain(QKeyCode::tab),
        _ => {}
    }
    if character.is_ascii_alphabetic() {
        let index = character.to_ascii_lowercase() as usize - 'a' as usize;
        return Some(Stroke {
            key: KeyName(*LETTERS.get(index)?),
            shift: character.is_ascii_uppercase(),
        });
    }
    PAIRS.iter().find_map(|&(key, low, high)| {
        (character == low || character == high).then_some(Stroke {
            key: KeyName(key),
            shift: character == high,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printable_character_of_ascii_has_a_stroke_of_its_own() {
        let mut seen = Vec::new();
        for character in (' '..='~').chain(['\n', '\t']) {
            let stroke = stroke(character).unwrap_or_else(|| panic!("{character:?}"));
            assert!(!seen.contains(&stroke), "{character:?} shares a stroke");
            seen.push(stroke);
        }
        assert_eq!(seen.len(), 97);
    }

    #[test]
    fn shift_is_held_for_upper_characters_only() {
        let text = |text: &str| -> String {
            let strokes = strokes(text).unwrap();
            let names = strokes.iter().map(|stroke| {
                if stroke.shift {
                    stroke.key.name().to_uppercase()
                } else {
                    stroke.key.to_string()
                }
            });
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(text("aA1! \n"), "a A 1 1 spc ret");
        assert_eq!(
            text("/?\\|~`"),
            "slash SLASH backslash BACKSLASH GRAVE_ACCENT grave_accent"
        );
        assert!(!strokes("1").unwrap()[0].shift && strokes("!").unwrap()[0].shift);
    }

    #[test]
    fn a_character_without_key_is_refused_with_its_place() {
        for (text, character, position) in [
            ("grün", 'ü', 3),
            ("\r", '\r', 1),
            ("ok\u{1b}", '\u{1b}', 3),
            ("a€", '€', 2),
        ] {
            assert_eq!(
                strokes(text),
                Err(InputError::UnknownCharacter {
                    character,
                    position
                })
            );
        }
        assert_eq!(
            strokes("grün").unwrap_err().to_string(),
            "no key of a US keyboard types 'ü' (character 3 of the text); nothing was typed"
        );
    }
}
