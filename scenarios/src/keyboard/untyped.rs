//! The error for characters that a keyboard cannot type.

use std::fmt;

use super::input_method::InputMethod;
use super::keyboard::Keyboard;

/// A character that the keyboard cannot type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untyped {
    /// The character. It must not be shown if it is part of a secret.
    pub character: char,
    /// The keyboard.
    pub keyboard: Keyboard,
    /// The reason.
    pub reason: UntypedReason,
}

/// The reason why a character cannot be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UntypedReason {
    /// No key types it, alone or with Shift, AltGr or a dead key.
    NoKey,
    /// It needs several keys one after the other, so other keys cannot be held with it.
    SeveralTaps,
}

impl Untyped {
    /// Returns the message. For a secret it does not contain the character.
    pub fn words(&self, secret: bool) -> String {
        let what = match secret {
            true => "a character of the secret".to_owned(),
            false => format!("{:?}", self.character),
        };
        let layout = self.keyboard.layout.name();
        match self.reason {
            UntypedReason::NoKey => format!("no key of the `{layout}` layout types {what}"),
            UntypedReason::SeveralTaps => format!(
                "{what} takes several keys one after the other in the `{layout}` layout, so it cannot be held with \
                others"
            ),
        }
    }

    /// Returns the advice.
    pub fn help(&self) -> String {
        let with_other_layout = "name the guest's layout in the image, such as `keyboard: de`";
        match (self.reason, self.keyboard.beyond) {
            (UntypedReason::SeveralTaps, _) => {
                "name a key instead, such as `ctrl-minus`".to_owned()
            }
            (UntypedReason::NoKey, None) => format!(
                "{with_other_layout}, or say what types it: `keyboard: {{ layout: {}, beyond: compose }}` or \
                `beyond: unicode`",
                self.keyboard.layout.name()
            ),
            (UntypedReason::NoKey, Some(InputMethod::Compose)) => {
                format!(
                    "the compose key has no sequence for it; {with_other_layout}, or write `beyond: unicode`"
                )
            }
            (UntypedReason::NoKey, Some(InputMethod::Unicode)) => {
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
