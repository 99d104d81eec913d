//! The names of keys.

use std::{fmt, str::FromStr};

/// A key of the keyboard: `a`, `ret`, `f4`, `ctrl`, `meta_l`, `kp_5`.
///
/// The names are those of QEMU (`QKeyCode`). Every backend knows its own code for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(u8);

/// The names of all keys. The place of a name in it is the key.
const NAMES: [&str; 161] = [
    "shift",
    "shift_r",
    "alt",
    "alt_r",
    "ctrl",
    "ctrl_r",
    "menu",
    "esc",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "0",
    "minus",
    "equal",
    "backspace",
    "tab",
    "q",
    "w",
    "e",
    "r",
    "t",
    "y",
    "u",
    "i",
    "o",
    "p",
    "bracket_left",
    "bracket_right",
    "ret",
    "a",
    "s",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "semicolon",
    "apostrophe",
    "grave_accent",
    "backslash",
    "z",
    "x",
    "c",
    "v",
    "b",
    "n",
    "m",
    "comma",
    "dot",
    "slash",
    "asterisk",
    "spc",
    "caps_lock",
    "f1",
    "f2",
    "f3",
    "f4",
    "f5",
    "f6",
    "f7",
    "f8",
    "f9",
    "f10",
    "num_lock",
    "scroll_lock",
    "kp_divide",
    "kp_multiply",
    "kp_subtract",
    "kp_add",
    "kp_enter",
    "kp_decimal",
    "sysrq",
    "kp_0",
    "kp_1",
    "kp_2",
    "kp_3",
    "kp_4",
    "kp_5",
    "kp_6",
    "kp_7",
    "kp_8",
    "kp_9",
    "less",
    "f11",
    "f12",
    "print",
    "home",
    "pgup",
    "pgdn",
    "end",
    "left",
    "up",
    "down",
    "right",
    "insert",
    "delete",
    "stop",
    "again",
    "props",
    "undo",
    "front",
    "copy",
    "open",
    "paste",
    "find",
    "cut",
    "lf",
    "help",
    "meta_l",
    "meta_r",
    "compose",
    "pause",
    "ro",
    "hiragana",
    "henkan",
    "yen",
    "muhenkan",
    "katakanahiragana",
    "kp_comma",
    "kp_equals",
    "power",
    "sleep",
    "wake",
    "audionext",
    "audioprev",
    "audiostop",
    "audioplay",
    "audiomute",
    "volumeup",
    "volumedown",
    "mediaselect",
    "mail",
    "calculator",
    "computer",
    "ac_home",
    "ac_back",
    "ac_forward",
    "ac_refresh",
    "ac_bookmarks",
    "lang1",
    "lang2",
    "f13",
    "f14",
    "f15",
    "f16",
    "f17",
    "f18",
    "f19",
    "f20",
    "f21",
    "f22",
    "f23",
    "f24",
];

/// The error of a word that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no key")]
pub struct ParseKeyError {
    /// The word.
    pub text: String,
    /// The most similar name.
    pub nearest: Option<&'static str>,
}

/// Other names of keys that people use, and the keys' own names.
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
    /// Returns all keys.
    #[must_use]
    pub fn all() -> Vec<Self> {
        (0..).take(NAMES.len()).map(Self).collect()
    }

    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyName {
    type Err = ParseKeyError;

    /// Parses the names of keys and the usual others (`enter`, `escape`, `super`, `control`, `del`, `page_up`, ...), in
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

/// Returns Levenshtein's distance: the number of characters to insert, delete or replace.
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
