//! The names that kvmd has for keys: those of the browser's `KeyboardEvent.code`.

use crate::{KeyName, PointerButton};

/// The keys that kvmd knows, with its names. Letters, digits and function keys follow a rule. kvmd ignores names that
/// it does not know without a word, so the keys that are not here are refused.
const KEYS: [(&str, &str); 69] = [
    ("shift", "ShiftLeft"),
    ("shift_r", "ShiftRight"),
    ("alt", "AltLeft"),
    ("alt_r", "AltRight"),
    ("ctrl", "ControlLeft"),
    ("ctrl_r", "ControlRight"),
    ("meta_l", "MetaLeft"),
    ("meta_r", "MetaRight"),
    // QEMU has two keys for it, of two kinds of keyboards.
    ("menu", "ContextMenu"),
    ("compose", "ContextMenu"),
    ("esc", "Escape"),
    ("minus", "Minus"),
    ("equal", "Equal"),
    ("backspace", "Backspace"),
    ("tab", "Tab"),
    ("bracket_left", "BracketLeft"),
    ("bracket_right", "BracketRight"),
    ("ret", "Enter"),
    ("semicolon", "Semicolon"),
    ("apostrophe", "Quote"),
    ("grave_accent", "Backquote"),
    ("backslash", "Backslash"),
    ("comma", "Comma"),
    ("dot", "Period"),
    ("slash", "Slash"),
    ("spc", "Space"),
    ("caps_lock", "CapsLock"),
    ("num_lock", "NumLock"),
    ("scroll_lock", "ScrollLock"),
    // QEMU's `asterisk` is the key of the number pad, too.
    ("asterisk", "NumpadMultiply"),
    ("kp_divide", "NumpadDivide"),
    ("kp_multiply", "NumpadMultiply"),
    ("kp_subtract", "NumpadSubtract"),
    ("kp_add", "NumpadAdd"),
    ("kp_enter", "NumpadEnter"),
    ("kp_decimal", "NumpadDecimal"),
    ("kp_0", "Numpad0"),
    ("kp_1", "Numpad1"),
    ("kp_2", "Numpad2"),
    ("kp_3", "Numpad3"),
    ("kp_4", "Numpad4"),
    ("kp_5", "Numpad5"),
    ("kp_6", "Numpad6"),
    ("kp_7", "Numpad7"),
    ("kp_8", "Numpad8"),
    ("kp_9", "Numpad9"),
    // With Alt, the key of the screen is the one of SysRq.
    ("sysrq", "PrintScreen"),
    ("print", "PrintScreen"),
    ("less", "IntlBackslash"),
    ("home", "Home"),
    ("pgup", "PageUp"),
    ("pgdn", "PageDown"),
    ("end", "End"),
    ("left", "ArrowLeft"),
    ("up", "ArrowUp"),
    ("down", "ArrowDown"),
    ("right", "ArrowRight"),
    ("insert", "Insert"),
    ("delete", "Delete"),
    ("pause", "Pause"),
    ("ro", "IntlRo"),
    ("yen", "IntlYen"),
    ("henkan", "Convert"),
    ("muhenkan", "NonConvert"),
    ("katakanahiragana", "KanaMode"),
    ("power", "Power"),
    ("audiomute", "AudioVolumeMute"),
    ("volumeup", "AudioVolumeUp"),
    ("volumedown", "AudioVolumeDown"),
];

/// Returns kvmd's name of a key. None if kvmd has no such key.
pub(super) fn code(key: KeyName) -> Option<String> {
    let name = key.name();
    if let [letter @ b'a'..=b'z'] = name.as_bytes() {
        return Some(format!("Key{}", char::from(letter.to_ascii_uppercase())));
    }
    if let [digit @ b'0'..=b'9'] = name.as_bytes() {
        return Some(format!("Digit{}", char::from(*digit)));
    }
    if let Some(number) = name
        .strip_prefix('f')
        .and_then(|number| number.parse::<u8>().ok())
    {
        return Some(format!("F{number}"));
    }
    let known = KEYS.iter().find(|(known, _)| *known == name);
    known.map(|(_, code)| (*code).to_owned())
}

/// Returns kvmd's name of a button.
pub(super) fn button(button: PointerButton) -> &'static str {
    match button {
        PointerButton::Left => "left",
        PointerButton::Middle => "middle",
        PointerButton::Right => "right",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys that kvmd does not have.
    const MISSING: [&str; 32] = [
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
        "hiragana",
        "kp_comma",
        "kp_equals",
        "sleep",
        "wake",
        "audionext",
        "audioprev",
        "audiostop",
        "audioplay",
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
    ];

    #[test]
    fn every_key_has_a_name_or_is_known_to_be_missing() {
        for key in KeyName::all() {
            let is_missing = MISSING.contains(&key.name());
            assert_eq!(code(key).is_none(), is_missing, "{key}");
        }
        for (name, _) in KEYS {
            assert!(
                name.parse::<KeyName>().is_ok_and(|key| key.name() == name),
                "{name}"
            );
        }
    }

    #[test]
    fn names_are_those_of_browsers() {
        let rows = [
            ("a", "KeyA"),
            ("0", "Digit0"),
            ("f1", "F1"),
            ("f24", "F24"),
            ("ret", "Enter"),
            ("find", ""),
            ("kp_5", "Numpad5"),
            ("altgr", "AltRight"),
        ];
        for (name, expected) in rows {
            let key = name.parse().unwrap();
            assert_eq!(code(key).unwrap_or_default(), expected, "{name}");
        }
    }
}
