//! The names of keys.

use crate::finding::{Code, Diagnostic, Span, did_you_mean};

/// The keys of a keyboard.
#[derive(Debug)]
pub(crate) struct Key;

/// QEMU's names (QKeyCode) of the keys whose name is longer than one character, with their usual other names. They name
/// the same key in every layout: `minus` is the key that has a minus on a US keyboard.
const KEYS: &[(&str, &[&str])] = &[
    ("shift", &["shift_l"]),
    ("shift_r", &[]),
    ("alt", &["alt_l"]),
    ("alt_r", &["altgr", "alt-gr"]),
    ("ctrl", &["control", "ctrl_l"]),
    ("ctrl_r", &[]),
    ("meta_l", &["super", "meta", "win", "windows", "super_l"]),
    ("meta_r", &["super_r"]),
    ("menu", &[]),
    ("compose", &[]),
    ("ret", &["enter", "return"]),
    ("esc", &["escape"]),
    ("spc", &["space"]),
    ("tab", &[]),
    ("backspace", &["bksp"]),
    ("delete", &["del"]),
    ("insert", &["ins"]),
    ("home", &[]),
    ("end", &[]),
    ("pgup", &["page-up", "pageup"]),
    ("pgdn", &["page-down", "pagedown"]),
    ("up", &[]),
    ("down", &[]),
    ("left", &[]),
    ("right", &[]),
    ("print", &["print-screen", "prtsc"]),
    ("sysrq", &[]),
    ("pause", &["break"]),
    ("caps_lock", &["caps-lock", "capslock"]),
    ("num_lock", &["num-lock", "numlock"]),
    ("scroll_lock", &["scroll-lock"]),
    ("minus", &[]),
    ("equal", &["equals"]),
    ("bracket_left", &[]),
    ("bracket_right", &[]),
    ("semicolon", &[]),
    ("apostrophe", &["quote"]),
    ("grave_accent", &["grave", "backtick"]),
    ("backslash", &[]),
    ("comma", &[]),
    ("dot", &["period"]),
    ("slash", &[]),
    ("asterisk", &[]),
    ("less", &[]),
    ("power", &[]),
    ("sleep", &[]),
    ("wake", &[]),
    ("audionext", &[]),
    ("audioprev", &[]),
    ("audiostop", &[]),
    ("audioplay", &[]),
    ("audiomute", &["mute"]),
    ("volumeup", &["volume-up"]),
    ("volumedown", &["volume-down"]),
    ("mediaselect", &[]),
    ("mail", &[]),
    ("calculator", &[]),
    ("computer", &[]),
    ("ac_home", &[]),
    ("ac_back", &[]),
    ("ac_forward", &[]),
    ("ac_refresh", &[]),
    ("ac_bookmarks", &[]),
    ("stop", &[]),
    ("again", &[]),
    ("props", &[]),
    ("undo", &[]),
    ("front", &[]),
    ("copy", &[]),
    ("open", &[]),
    ("paste", &[]),
    ("find", &[]),
    ("cut", &[]),
    ("lf", &[]),
    ("help", &[]),
    ("ro", &[]),
    ("hiragana", &[]),
    ("henkan", &[]),
    ("yen", &[]),
    ("muhenkan", &[]),
    ("katakanahiragana", &[]),
    ("lang1", &[]),
    ("lang2", &[]),
    ("kp_divide", &[]),
    ("kp_multiply", &[]),
    ("kp_subtract", &[]),
    ("kp_add", &[]),
    ("kp_enter", &[]),
    ("kp_decimal", &[]),
    ("kp_comma", &[]),
    ("kp_equals", &[]),
    ("kp_0", &[]),
    ("kp_1", &[]),
    ("kp_2", &[]),
    ("kp_3", &[]),
    ("kp_4", &[]),
    ("kp_5", &[]),
    ("kp_6", &[]),
    ("kp_7", &[]),
    ("kp_8", &[]),
    ("kp_9", &[]),
    ("f1", &[]),
    ("f2", &[]),
    ("f3", &[]),
    ("f4", &[]),
    ("f5", &[]),
    ("f6", &[]),
    ("f7", &[]),
    ("f8", &[]),
    ("f9", &[]),
    ("f10", &[]),
    ("f11", &[]),
    ("f12", &[]),
    ("f13", &[]),
    ("f14", &[]),
    ("f15", &[]),
    ("f16", &[]),
    ("f17", &[]),
    ("f18", &[]),
    ("f19", &[]),
    ("f20", &[]),
    ("f21", &[]),
    ("f22", &[]),
    ("f23", &[]),
    ("f24", &[]),
];

/// Returns the names of all keys that no single character names: QEMU's, and what people call them besides.
pub fn key_names() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    KEYS.iter().copied()
}

impl Key {
    /// Returns QEMU's name of a key. Case does not count.
    pub(crate) fn find(name: &str) -> Option<&'static str> {
        let name = name.to_ascii_lowercase();
        KEYS.iter()
            .find(|(key, aliases)| *key == name || aliases.contains(&name.as_str()))
            .map(|(key, _)| *key)
    }

    /// Makes the finding about a key that does not exist.
    pub(crate) fn unknown(name: &str, at: &Span) -> Diagnostic {
        let names = KEYS
            .iter()
            .flat_map(|(key, aliases)| aliases.iter().copied().chain([*key]));
        let help = did_you_mean(name, names)
            .unwrap_or_else(|| "to type text, use the verb `type`".to_owned());
        Diagnostic::new(Code::UnknownKey, at, format!("unknown key `{name}`")).with_help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_for_one_key() {
        let mut names: Vec<&str> = KEYS
            .iter()
            .flat_map(|(key, aliases)| aliases.iter().copied().chain([*key]))
            .collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn no_name_has_more_than_one_hyphen() {
        // The reader of combinations tries names of up to two words.
        for (key, aliases) in KEYS {
            assert!(!key.contains('-'), "{key}");
            assert!(
                aliases.iter().all(|alias| alias.matches('-').count() <= 1),
                "{key}"
            );
        }
    }
}
