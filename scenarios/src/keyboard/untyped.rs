use std::fmt;

use super::beyond::Beyond;
use super::keyboard::Keyboard;

/// A character that the keyboard does not type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untyped {
    /// The character. Not to be shown where it is of a secret.
    pub character: char,
    /// The keyboard.
    pub keyboard: Keyboard,
    /// The reason.
    pub why: Why,
}

/// The reason why a character is not typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No key types it, alone or with Shift, AltGr or a dead key.
    NoKey,
    /// It takes several keys one after the other, so that others cannot be held with it.
    SeveralTaps,
}

impl Untyped {
    /// Returns what is wrong, with the character or, for a secret, without it.
    pub fn words(&self, secret: bool) -> String {
        let what = match secret {
            true => "a character of the secret".to_owned(),
            false => format!("{:?}", self.character),
        };
        let layout = self.keyboard.layout.name();
        match self.why {
            Why::NoKey => format!("no key of the `{layout}` layout types {what}"),
            Why::SeveralTaps => format!(
                "{what} takes several keys one after the other in the `{layout}` layout, so it cannot be held with \
                others"
            ),
        }
    }

    /// Returns what to do about it.
    pub fn help(&self) -> String {
        let with_other_layout = "name the guest's layout in the image, such as `keyboard: de`";
        match (self.why, self.keyboard.beyond) {
            (Why::SeveralTaps, _) => "name a key instead, such as `ctrl-minus`".to_owned(),
            (Why::NoKey, None) => format!(
                "{with_other_layout}, or say what types it: `keyboard: {{ layout: {}, beyond: compose }}` or \
                `beyond: unicode`",
                self.keyboard.layout.name()
            ),
            (Why::NoKey, Some(Beyond::Compose)) => {
                format!(
                    "the compose key has no sequence for it; {with_other_layout}, or write `beyond: unicode`"
                )
            }
            (Why::NoKey, Some(Beyond::Unicode)) => {
                "control characters are pressed: `press: esc`, `press: backspace`".to_owned()
            }
        }
    }
}

impl fmt::Display for Untyped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(false))
    }
}

impl std::error::Error for Untyped {}
