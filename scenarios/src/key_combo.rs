use std::fmt;

use crate::templated::{FromText, show_no_secret};
use crate::{Code, Diagnostic, Span, Text};

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
        let _ = Code::UnknownKey;
        todo!()
    }
}

impl fmt::Display for KeyCombo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.keys.join("-"))
    }
}
