//! The keys that kvmd knows, and QEMU's names for them.

/// The names of browsers and those of QEMU. Letters, digits and function keys follow a rule.
const KEYS: [(&str, &str); 66] = [
    ("ShiftLeft", "shift"),
    ("ShiftRight", "shift_r"),
    ("AltLeft", "alt"),
    ("AltRight", "alt_r"),
    ("ControlLeft", "ctrl"),
    ("ControlRight", "ctrl_r"),
    ("MetaLeft", "meta_l"),
    ("MetaRight", "meta_r"),
    ("ContextMenu", "compose"),
    ("Escape", "esc"),
    ("Minus", "minus"),
    ("Equal", "equal"),
    ("Backspace", "backspace"),
    ("Tab", "tab"),
    ("BracketLeft", "bracket_left"),
    ("BracketRight", "bracket_right"),
    ("Enter", "ret"),
    ("Semicolon", "semicolon"),
    ("Quote", "apostrophe"),
    ("Backquote", "grave_accent"),
    ("Backslash", "backslash"),
    ("Comma", "comma"),
    ("Period", "dot"),
    ("Slash", "slash"),
    ("Space", "spc"),
    ("CapsLock", "caps_lock"),
    ("NumLock", "num_lock"),
    ("ScrollLock", "scroll_lock"),
    ("NumpadMultiply", "kp_multiply"),
    ("NumpadDivide", "kp_divide"),
    ("NumpadSubtract", "kp_subtract"),
    ("NumpadAdd", "kp_add"),
    ("NumpadEnter", "kp_enter"),
    ("NumpadDecimal", "kp_decimal"),
    ("Numpad0", "kp_0"),
    ("Numpad1", "kp_1"),
    ("Numpad2", "kp_2"),
    ("Numpad3", "kp_3"),
    ("Numpad4", "kp_4"),
    ("Numpad5", "kp_5"),
    ("Numpad6", "kp_6"),
    ("Numpad7", "kp_7"),
    ("Numpad8", "kp_8"),
    ("Numpad9", "kp_9"),
    ("PrintScreen", "print"),
    ("IntlBackslash", "less"),
    ("Home", "home"),
    ("PageUp", "pgup"),
    ("PageDown", "pgdn"),
    ("End", "end"),
    ("ArrowLeft", "left"),
    ("ArrowUp", "up"),
    ("ArrowDown", "down"),
    ("ArrowRight", "right"),
    ("Insert", "insert"),
    ("Delete", "delete"),
    ("Pause", "pause"),
    ("IntlRo", "ro"),
    ("IntlYen", "yen"),
    ("Convert", "henkan"),
    ("NonConvert", "muhenkan"),
    ("KanaMode", "katakanahiragana"),
    ("Power", "power"),
    ("AudioVolumeMute", "audiomute"),
    ("AudioVolumeUp", "volumeup"),
    ("AudioVolumeDown", "volumedown"),
];

/// Returns QEMU's name of a key. None if kvmd does not know the key.
pub(super) fn qcode(code: &str) -> Option<String> {
    let is =
        |rest: &str, wanted: fn(&u8) -> bool| matches!(rest.as_bytes(), [byte] if wanted(byte));
    if let Some(letter) = code.strip_prefix("Key")
        && is(letter, u8::is_ascii_uppercase)
    {
        return Some(letter.to_lowercase());
    }
    if let Some(digit) = code.strip_prefix("Digit")
        && is(digit, u8::is_ascii_digit)
    {
        return Some(digit.to_owned());
    }
    if let Some(number) = code
        .strip_prefix('F')
        .and_then(|number| number.parse::<u8>().ok())
        && (1..=24).contains(&number)
    {
        return Some(format!("f{number}"));
    }
    let known = KEYS.iter().find(|(known, _)| *known == code);
    known.map(|(_, name)| (*name).to_owned())
}
