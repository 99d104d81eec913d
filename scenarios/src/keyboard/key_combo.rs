//! Combinations of keys, such as `ctrl-alt-f2`.

use std::fmt;

use super::key::Key;
use crate::finding::{Code, Diagnostic, Span};
use crate::value::{FromText, Shown, Text, show_no_secret};

/// Keys pressed together, in order: `ctrl-alt-f2`, `ctrl-?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCombo {
    parts: Vec<Part>,
}

/// A part of a combination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// A key by QEMU's name (QKeyCode). It is the same key in every layout.
    Named(&'static str),
    /// A character. The layout decides which keys type it.
    Character(char),
}

impl KeyCombo {
    /// Returns the parts, at least one. They are pressed in this order and released in the opposite order.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl FromText for KeyCombo {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "a key")?;
        let written = text.reveal().trim();
        let words: Vec<&str> = match written {
            "-" => vec!["-"],
            _ => written.split('-').collect(),
        };
        let mut parts = Vec::new();
        let mut rest = words.as_slice();
        while !rest.is_empty() {
            // Some names contain a `-`: `page-down`.
            let found = (1..=rest.len().min(2))
                .rev()
                .find_map(|length| part(&rest[..length].join("-")).map(|part| (part, length)));
            let Some((part, length)) = found else {
                return Err(Key::unknown(rest[0], at));
            };
            parts.push(part);
            rest = &rest[length..];
        }
        let shifted = (parts.iter()).any(|part| matches!(part, Part::Named("shift" | "shift_r")));
        if parts.len() > 1 {
            for part in &mut parts {
                let Part::Character(character) = part else {
                    continue;
                };
                if !character.is_uppercase() {
                    continue;
                }
                let Some(small) = small(*character) else {
                    continue;
                };
                if !shifted {
                    return Err(two_meanings(written, *character, small, at));
                }
                *character = small;
            }
        }
        Ok(Self { parts })
    }
}

/// Reads a key name in any case, or a single character.
fn part(word: &str) -> Option<Part> {
    let mut characters = word.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if !character.is_whitespace() => Some(Part::Character(character)),
        _ => Key::find(word).map(Part::Named),
    }
}

/// Returns the small letter of a capital one.
fn small(character: char) -> Option<char> {
    let mut small = character.to_lowercase();
    let first = small.next()?;
    small.next().is_none().then_some(first)
}

/// Makes the finding about a capital letter in a combination. It may mean the key alone or the key with Shift.
fn two_meanings(written: &str, capital: char, small: char, at: &Span) -> Diagnostic {
    let others = written.strip_suffix(capital).unwrap_or_default();
    let message = format!("`{written}` has a capital letter: is Shift held with it, or not?");
    let help = match others {
        "" => format!("write `{small}` without Shift, `shift-{small}` with it"),
        others => format!("write `{others}{small}` without Shift, `{others}shift-{small}` with it"),
    };
    Diagnostic::new(Code::InvalidValue, at, message).with_help(help)
}

impl Shown for KeyCombo {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for KeyCombo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str("-")?;
            }
            match part {
                Part::Named(name) => f.write_str(name)?,
                Part::Character(character) => write!(f, "{character}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Source;

    fn combo(text: &str) -> Result<String, String> {
        let source = Source::new("a.yaml", text);
        KeyCombo::from_text(&Text::open(text), &Span::new(&source, 0..text.len()))
            .map(|combo| combo.to_string())
            .map_err(|error| format!("{error}; {}", error.help.clone().unwrap_or_default()))
    }

    #[test]
    fn combinations_are_read_into_the_names_of_qemu() {
        for (written, keys) in [
            ("super", "meta_l"),
            ("ctrl-alt-f2", "ctrl-alt-f2"),
            ("Ctrl-Alt-Delete", "ctrl-alt-delete"),
            ("enter", "ret"),
            ("ret", "ret"),
            ("space", "spc"),
            ("escape", "esc"),
            ("page-down", "pgdn"),
            ("shift-page-up", "shift-pgup"),
            ("ctrl-minus", "ctrl-minus"),
            ("ctrl--", "ctrl--"),
            ("-", "-"),
            ("alt-7", "alt-7"),
            ("ctrl-,", "ctrl-,"),
            ("A", "A"),
            ("?", "?"),
            ("é", "é"),
            ("shift-A", "shift-a"),
            ("ctrl-?", "ctrl-?"),
        ] {
            assert_eq!(combo(written).as_deref(), Ok(keys), "{written}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_with_the_nearest_name() {
        assert_eq!(
            combo("ctrl-entre"),
            Err("unknown key `entre`; did you mean `enter`?".into())
        );
        assert!(combo("").is_err());
        assert!(combo("ctrl-").is_err());
        assert_eq!(
            combo("ctrl-C"),
            Err(
                "`ctrl-C` has a capital letter: is Shift held with it, or not?; \
                 write `ctrl-c` without Shift, `ctrl-shift-c` with it"
                    .into()
            )
        );
        assert_eq!(
            combo("12+30"),
            Err("unknown key `12+30`; to type text, use the verb `type`".into())
        );
    }
}
