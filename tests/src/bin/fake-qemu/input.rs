//! Keys and pointer: what a person at the machine would have done.

use qa_tests::Entry;
use serde_json::Value;

/// QEMU's largest value of an absolute axis, and one more.
const AXIS: u64 = 0x8000;

const MODIFIERS: &[&str] = &[
    "shift", "shift_r", "ctrl", "ctrl_r", "alt", "alt_r", "meta_l", "meta_r",
];

/// Keys with text on a US layout: QEMU's name, the text, the text with shift.
const KEYS: &[(&str, char, char)] = &[
    ("1", '1', '!'),
    ("2", '2', '@'),
    ("3", '3', '#'),
    ("4", '4', '$'),
    ("5", '5', '%'),
    ("6", '6', '^'),
    ("7", '7', '&'),
    ("8", '8', '*'),
    ("9", '9', '('),
    ("0", '0', ')'),
    ("minus", '-', '_'),
    ("equal", '=', '+'),
    ("bracket_left", '[', '{'),
    ("bracket_right", ']', '}'),
    ("backslash", '\\', '|'),
    ("semicolon", ';', ':'),
    ("apostrophe", '\'', '"'),
    ("grave_accent", '`', '~'),
    ("comma", ',', '<'),
    ("dot", '.', '>'),
    ("slash", '/', '?'),
    ("spc", ' ', ' '),
    ("ret", '\n', '\n'),
    ("tab", '\t', '\t'),
];

/// Keys and buttons that are down, and where the pointer is.
#[derive(Debug, Default)]
pub(crate) struct Input {
    down: Vec<String>,
    pointer: (u64, u64),
}

impl Input {
    /// Takes an event of `input-send-event` and gives what came of it. `screen` is in pixels.
    pub(crate) fn take(&mut self, event: &Value, screen: (u32, u32)) -> Result<Vec<Entry>, String> {
        let data = &event["data"];
        let down = || {
            data["down"]
                .as_bool()
                .ok_or_else(|| format!("event without `down`: {event}"))
        };
        match event["type"].as_str() {
            Some("key") => {
                let key = data["key"]["data"]
                    .as_str()
                    .filter(|_| data["key"]["type"] == "qcode");
                self.key(
                    key.ok_or_else(|| format!("event without key: {event}"))?,
                    down()?,
                )
            }
            Some("abs") => {
                let value = data["value"].as_u64().filter(|value| *value < AXIS);
                let value = value.ok_or_else(|| format!("value out of range: {event}"))?;
                match data["axis"].as_str() {
                    Some("x") => self.pointer.0 = value,
                    Some("y") => self.pointer.1 = value,
                    _ => return Err(format!("event of an unknown axis: {event}")),
                }
                Ok(Vec::new())
            }
            Some("btn") => {
                let button = data["button"].as_str().unwrap_or_default().to_owned();
                if !["left", "middle", "right", "wheel-up", "wheel-down"].contains(&button.as_str())
                {
                    return Err(format!("event of an unknown button: {event}"));
                }
                let (x, y) = self.pointer(screen);
                Ok(vec![if down()? {
                    Entry::Clicked { button, x, y }
                } else {
                    Entry::Released { button, x, y }
                }])
            }
            _ => Err(format!("event of an unknown type: {event}")),
        }
    }

    /// The pixel that the pointer is on.
    pub(crate) fn pointer(&self, screen: (u32, u32)) -> (u32, u32) {
        let pixel =
            |axis: u64, size: u32| u32::try_from(axis * u64::from(size) / AXIS).unwrap_or(u32::MAX);
        (
            pixel(self.pointer.0, screen.0),
            pixel(self.pointer.1, screen.1),
        )
    }

    fn key(&mut self, key: &str, down: bool) -> Result<Vec<Entry>, String> {
        if !down {
            let before = self.down.len();
            self.down.retain(|other| other != key);
            return if self.down.len() < before {
                Ok(Vec::new())
            } else {
                Err(format!("key `{key}` was let go, but not down"))
            };
        }
        if self.down.iter().any(|other| other == key) {
            return Err(format!("key `{key}` was pressed while down"));
        }
        self.down.push(key.to_owned());
        let mut entries = vec![Entry::Pressed(self.down.join("-"))];
        if let Some(text) = self.text(key) {
            entries.push(Entry::Typed(text));
        }
        Ok(entries)
    }

    /// What a key types; none for modifiers and combinations, `<name>` for keys without text.
    fn text(&self, key: &str) -> Option<String> {
        let shift = self.down.iter().any(|down| down.starts_with("shift"));
        let others = self
            .down
            .iter()
            .any(|down| MODIFIERS.contains(&down.as_str()) && !down.starts_with("shift"));
        if others || MODIFIERS.contains(&key) {
            return None;
        }
        if let Some((_, plain, shifted)) = KEYS.iter().find(|(name, ..)| *name == key) {
            return Some(String::from(if shift { *shifted } else { *plain }));
        }
        let letter = key.len() == 1 && key.bytes().all(|byte| byte.is_ascii_lowercase());
        Some(match (letter, shift) {
            (true, true) => key.to_ascii_uppercase(),
            (true, false) => key.to_owned(),
            (false, _) => format!("<{key}>"),
        })
    }

    /// Keys that were never let go.
    pub(crate) fn still_down(&self) -> &[String] {
        &self.down
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(key: &str, down: bool) -> Value {
        json!({"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": key}}})
    }

    #[test]
    fn keys_become_text_and_combinations() {
        let mut input = Input::default();
        let mut entries = Vec::new();
        for (name, down) in [
            ("shift", true),
            ("a", true),
            ("a", false),
            ("1", true),
            ("1", false),
            ("shift", false),
            ("b", true),
            ("b", false),
            ("esc", true),
            ("esc", false),
            ("ctrl", true),
            ("c", true),
        ] {
            entries.extend(input.take(&key(name, down), (64, 48)).unwrap());
        }
        let typed: Vec<_> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Typed(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(typed, ["A", "!", "b", "<esc>"]);
        assert_eq!(entries.last(), Some(&Entry::Pressed("ctrl-c".to_owned())));
        assert_eq!(input.still_down(), ["ctrl", "c"]);
    }

    #[test]
    fn a_click_is_told_in_pixels() {
        let mut input = Input::default();
        let abs =
            |axis: &str, value: u32| json!({"type": "abs", "data": {"axis": axis, "value": value}});
        input.take(&abs("x", 0x4000), (640, 480)).unwrap();
        input.take(&abs("y", 0x7fff), (640, 480)).unwrap();
        let press = json!({"type": "btn", "data": {"down": true, "button": "left"}});
        let click = Entry::Clicked {
            button: "left".to_owned(),
            x: 320,
            y: 479,
        };
        assert_eq!(input.take(&press, (640, 480)), Ok(vec![click]));
        assert!(input.take(&abs("x", 0x8000), (640, 480)).is_err());
    }

    #[test]
    fn a_key_let_go_that_was_not_down_is_refused() {
        let mut input = Input::default();
        assert!(input.take(&key("a", false), (1, 1)).is_err());
        input.take(&key("a", true), (1, 1)).unwrap();
        assert!(input.take(&key("a", true), (1, 1)).is_err());
    }
}
