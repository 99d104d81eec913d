//! The X keysyms of keys.

use crate::input::KeyName;

/// Returns the keysym of a key on a keyboard of the United States, with the shift key down or not.
///
/// The keysym must fit the state of shift. QEMU presses caps lock by itself if a small letter comes while shift is
/// down. Other servers let go of shift to get the character that the keysym names.
pub(super) fn keysym(key: KeyName, is_shifted: bool) -> u32 {
    let name = key.name();
    if let [letter @ b'a'..=b'z'] = name.as_bytes() {
        let letter = if is_shifted {
            letter.to_ascii_uppercase()
        } else {
            *letter
        };
        return letter.into();
    }
    if let Some(&(_, plain, shifted)) = CHARACTERS.iter().find(|row| row.0 == name) {
        return u32::from(if is_shifted { shifted } else { plain });
    }
    if let Some(&(_, keysym)) = OTHERS.iter().find(|row| row.0 == name) {
        return keysym;
    }
    numbered(name).unwrap_or(NO_SYMBOL)
}

/// The keysym of no key. A test shows that every key has another.
const NO_SYMBOL: u32 = 0;

/// Returns the keysym of `f1` to `f24` and of `kp_0` to `kp_9`.
fn numbered(name: &str) -> Option<u32> {
    if let Some(number) = name
        .strip_prefix('f')
        .and_then(|text| text.parse::<u32>().ok())
    {
        return Some(0xffbd + number);
    }
    let number: u32 = name.strip_prefix("kp_")?.parse().ok()?;
    Some(0xffb0 + number)
}

/// Keys with a character, and the one with shift.
const CHARACTERS: [(&str, u8, u8); 23] = [
    ("1", b'1', b'!'),
    ("2", b'2', b'@'),
    ("3", b'3', b'#'),
    ("4", b'4', b'$'),
    ("5", b'5', b'%'),
    ("6", b'6', b'^'),
    ("7", b'7', b'&'),
    ("8", b'8', b'*'),
    ("9", b'9', b'('),
    ("0", b'0', b')'),
    ("minus", b'-', b'_'),
    ("equal", b'=', b'+'),
    ("bracket_left", b'[', b'{'),
    ("bracket_right", b']', b'}'),
    ("semicolon", b';', b':'),
    ("apostrophe", b'\'', b'"'),
    ("grave_accent", b'`', b'~'),
    ("backslash", b'\\', b'|'),
    ("comma", b',', b'<'),
    ("dot", b'.', b'>'),
    ("slash", b'/', b'?'),
    ("less", b'<', b'>'),
    ("spc", b' ', b' '),
];

/// Keys whose keysym does not depend on shift.
const OTHERS: [(&str, u32); 78] = [
    ("shift", 0xffe1),
    ("shift_r", 0xffe2),
    ("alt", 0xffe9),
    ("alt_r", 0xffea),
    ("ctrl", 0xffe3),
    ("ctrl_r", 0xffe4),
    ("meta_l", 0xffeb),
    ("meta_r", 0xffec),
    ("caps_lock", 0xffe5),
    ("num_lock", 0xff7f),
    ("scroll_lock", 0xff14),
    ("esc", 0xff1b),
    ("backspace", 0xff08),
    ("tab", 0xff09),
    ("ret", 0xff0d),
    ("lf", 0xff0a),
    ("home", 0xff50),
    ("left", 0xff51),
    ("up", 0xff52),
    ("right", 0xff53),
    ("down", 0xff54),
    ("pgup", 0xff55),
    ("pgdn", 0xff56),
    ("end", 0xff57),
    ("insert", 0xff63),
    ("delete", 0xffff),
    ("print", 0xff61),
    ("sysrq", 0xff15),
    ("pause", 0xff13),
    // The key beside the right control key.
    ("compose", 0xff67),
    // The key that opens a menu, of multimedia keyboards.
    ("menu", 0x1008_ff65),
    ("kp_divide", 0xffaf),
    ("kp_multiply", 0xffaa),
    // The same key, by its older name.
    ("asterisk", 0xffaa),
    ("kp_subtract", 0xffad),
    ("kp_add", 0xffab),
    ("kp_enter", 0xff8d),
    ("kp_decimal", 0xffae),
    ("kp_comma", 0xffac),
    ("kp_equals", 0xffbd),
    ("stop", 0xff69),
    ("again", 0xff66),
    ("props", 0x1005_ff70),
    ("undo", 0xff65),
    ("front", 0x1005_ff71),
    ("copy", 0x1008_ff57),
    ("open", 0x1008_ff6b),
    ("paste", 0x1008_ff6d),
    ("find", 0xff68),
    ("cut", 0x1008_ff58),
    ("help", 0xff6a),
    ("ro", 0x04db),
    ("hiragana", 0xff25),
    ("henkan", 0xff23),
    ("yen", 0x00a5),
    ("muhenkan", 0xff22),
    ("katakanahiragana", 0xff27),
    ("lang1", 0xff31),
    ("lang2", 0xff34),
    ("power", 0x1008_ff2a),
    ("sleep", 0x1008_ff2f),
    ("wake", 0x1008_ff2b),
    ("audionext", 0x1008_ff17),
    ("audioprev", 0x1008_ff16),
    ("audiostop", 0x1008_ff15),
    ("audioplay", 0x1008_ff14),
    ("audiomute", 0x1008_ff12),
    ("volumeup", 0x1008_ff13),
    ("volumedown", 0x1008_ff11),
    ("mediaselect", 0x1008_ff32),
    ("mail", 0x1008_ff19),
    ("calculator", 0x1008_ff1d),
    ("computer", 0x1008_ff33),
    ("ac_home", 0x1008_ff18),
    ("ac_back", 0x1008_ff26),
    ("ac_forward", 0x1008_ff27),
    ("ac_refresh", 0x1008_ff29),
    ("ac_bookmarks", 0x1008_ff30),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_key_has_a_keysym_and_only_names_of_one_key_share_it() {
        let mut names: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for key in KeyName::all() {
            assert_ne!(keysym(key, false), NO_SYMBOL, "{key}");
            assert_ne!(keysym(key, true), NO_SYMBOL, "{key}");
            names
                .entry(keysym(key, false))
                .or_default()
                .push(key.name());
        }
        let shared: Vec<_> = names
            .into_values()
            .filter(|names| names.len() > 1)
            .collect();
        assert_eq!(shared, [["asterisk", "kp_multiply"]]);
    }

    #[test]
    fn keysyms_are_those_of_x() {
        let rows = [
            ("a", 0x61, 0x41),
            ("1", 0x31, 0x21),
            ("f", 0x66, 0x46),
            ("f1", 0xffbe, 0xffbe),
            ("f12", 0xffc9, 0xffc9),
            ("f24", 0xffd5, 0xffd5),
            ("kp_5", 0xffb5, 0xffb5),
            ("spc", 0x20, 0x20),
            ("slash", 0x2f, 0x3f),
            ("meta_l", 0xffeb, 0xffeb),
        ];
        for (name, plain, shifted) in rows {
            let key = name.parse().unwrap();
            assert_eq!(keysym(key, false), plain, "{name}");
            assert_eq!(keysym(key, true), shifted, "{name}");
        }
    }
}
