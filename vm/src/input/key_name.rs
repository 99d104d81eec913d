use std::{fmt, str::FromStr};

use qapi::{Enum, qmp::QKeyCode};

/// A key of the keyboard, by QEMU's names (`QKeyCode`): `a`, `ret`, `f4`, `ctrl`, `meta_l`, `kp_5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(pub(crate) QKeyCode);

/// A word that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no key")]
pub struct ParseKeyError {
    /// What was found.
    pub text: String,
    /// The name most like it.
    pub nearest: Option<&'static str>,
}

/// Names people use for keys, and QEMU's.
const ALIASES: [(&str, &str); 38] = [
    ("enter", "ret"),
    ("return", "ret"),
    ("escape", "esc"),
    ("space", "spc"),
    ("control", "ctrl"),
    ("control_r", "ctrl_r"),
    ("ctrl_l", "ctrl"),
    ("alt_l", "alt"),
    ("altgr", "alt_r"),
    ("shift_l", "shift"),
    ("super", "meta_l"),
    ("super_l", "meta_l"),
    ("super_r", "meta_r"),
    ("meta", "meta_l"),
    ("win", "meta_l"),
    ("windows", "meta_l"),
    ("cmd", "meta_l"),
    ("del", "delete"),
    ("ins", "insert"),
    ("page_up", "pgup"),
    ("pageup", "pgup"),
    ("page_down", "pgdn"),
    ("pagedown", "pgdn"),
    ("pgdown", "pgdn"),
    ("bksp", "backspace"),
    ("capslock", "caps_lock"),
    ("numlock", "num_lock"),
    ("scrolllock", "scroll_lock"),
    ("print_screen", "print"),
    ("sysreq", "sysrq"),
    ("equals", "equal"),
    ("period", "dot"),
    ("quote", "apostrophe"),
    ("grave", "grave_accent"),
    ("backtick", "grave_accent"),
    ("left_bracket", "bracket_left"),
    ("right_bracket", "bracket_right"),
    ("context_menu", "compose"),
];

impl KeyName {
    /// Every key QEMU knows.
    #[must_use]
    pub fn all() -> Vec<Self> {
        // `unmapped` is QEMU's word for no key.
        let keys = QKeyCode::VARIANTS.iter().copied();
        keys.filter(|&key| key != QKeyCode::unmapped)
            .map(Self)
            .collect()
    }

    /// QEMU's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Enum::name(&self.0)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyName {
    type Err = ParseKeyError;

    /// Reads QEMU's names and the usual others (`enter`, `escape`, `super`, `control`, `del`, `page_up`, ...) in
    /// any case, with `-` or `_`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.to_lowercase().replace('-', "_");
        let name = ALIASES
            .iter()
            .find(|(alias, _)| *alias == word)
            .map_or(word.as_str(), |&(_, name)| name);
        if let Some(key) = Self::all().into_iter().find(|key| key.name() == name) {
            return Ok(key);
        }
        Err(ParseKeyError {
            text: text.to_owned(),
            nearest: nearest(&word),
        })
    }
}

fn nearest(word: &str) -> Option<&'static str> {
    let aliases = ALIASES.iter().map(|&(alias, _)| alias);
    let names = KeyName::all().into_iter().map(KeyName::name).chain(aliases);
    let (distance, name) = names.map(|name| (distance(word, name), name)).min()?;
    (distance <= word.chars().count() / 2).then_some(name)
}

/// Levenshtein's: how many characters to insert, delete or replace.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, left) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, right) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read_by_its_own_name() {
        let all = KeyName::all();
        assert!(all.len() > 150);
        for key in all {
            assert_eq!(key.name().parse(), Ok(key));
        }
    }

    #[test]
    fn every_alias_names_a_key_and_hides_none() {
        for (alias, name) in ALIASES {
            assert_eq!(alias.parse::<KeyName>().unwrap().name(), name);
            assert!(
                KeyName::all().iter().all(|key| key.name() != alias),
                "{alias}"
            );
        }
    }

    #[test]
    fn words_are_read_in_any_case_and_spelling() {
        let rows = [
            ("Enter", "ret"),
            ("Page-Up", "pgup"),
            ("SUPER", "meta_l"),
            ("F4", "f4"),
            ("5", "5"),
            ("kp-5", "kp_5"),
        ];
        for (text, name) in rows {
            assert_eq!(text.parse::<KeyName>().unwrap().name(), name);
        }
    }

    #[test]
    fn a_word_that_is_no_key_is_told_with_the_nearest() {
        let rows = [
            ("entr", Some("enter")),
            ("backspce", Some("backspace")),
            ("?", None),
            ("", None),
            ("xyzzyfoo", None),
        ];
        for (text, nearest) in rows {
            assert_eq!(
                text.parse::<KeyName>().unwrap_err().nearest,
                nearest,
                "{text}"
            );
        }
        assert_eq!(
            "entr".parse::<KeyName>().unwrap_err().to_string(),
            "`entr` is no key"
        );
    }
}
