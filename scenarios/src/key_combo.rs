use std::fmt;

use crate::key::Key;
use crate::templated::{FromText, Shown, show_no_secret};
use crate::{Diagnostic, Span, Text};

/// Keys pressed together, in order: `ctrl-alt-f2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCombo {
    keys: Vec<&'static str>,
}

impl KeyCombo {
    /// QEMU's names (QKeyCode) of the keys, at least one; pressed in this order, released in the opposite one.
    pub fn keys(&self) -> &[&'static str] {
        &self.keys
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
        let mut keys = Vec::new();
        let mut rest = words.as_slice();
        while !rest.is_empty() {
            // Some names have a `-` themselves: `page-down`.
            let found = (1..=rest.len().min(2))
                .rev()
                .find_map(|length| Key::find(&rest[..length].join("-")).map(|key| (key, length)));
            let Some((key, length)) = found else {
                return Err(Key::unknown(rest[0], at));
            };
            keys.push(key);
            rest = &rest[length..];
        }
        Ok(Self { keys })
    }
}

impl Shown for KeyCombo {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for KeyCombo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.keys.join("-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

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
            ("ctrl--", "ctrl-minus"),
            ("-", "minus"),
            ("alt-7", "alt-7"),
            ("ctrl-,", "ctrl-comma"),
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
            combo("12+30"),
            Err("unknown key `12+30`; to type text, use the verb `type`".into())
        );
    }
}
