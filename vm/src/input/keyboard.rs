use std::time::Duration;

use super::{InputError, KeyName};

/// The keyboard of a running machine. Cheap to clone; keys of all clones are sent one operation after the other.
///
/// An operation whose future is dropped stops at the next key and lets go what it held.
#[derive(Debug, Clone)]
pub struct Keyboard {}

/// The speed of typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long a key stays down.
    pub hold: Duration,
    /// How long no key is down before the next.
    pub gap: Duration,
}

/// Whether text may be read in logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// It may.
    Open,
    /// It is a secret: `qmp.log` shows `•••` instead of its keys.
    Secret,
}

impl Default for Pace {
    /// 30 ms down, 30 ms up: about 16 characters a second, which an emulated guest under load takes without losing one.
    fn default() -> Self {
        Self {
            hold: Duration::from_millis(30),
            gap: Duration::from_millis(30),
        }
    }
}

impl Keyboard {
    /// Presses the keys in order, holds them together for `hold`, lets them go in reverse order.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn press(&self, keys: &[KeyName], hold: Duration) -> Result<(), InputError> {
        let _ = (keys, hold);
        todo!()
    }

    /// Presses a key and leaves it down.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn key_down(&self, key: KeyName) -> Result<(), InputError> {
        let _ = key;
        todo!()
    }

    /// Lets a key go.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn key_up(&self, key: KeyName) -> Result<(), InputError> {
        let _ = key;
        todo!()
    }

    /// Types text on a US layout, one key after the other. `\n` is Return, `\t` is Tab.
    ///
    /// # Errors
    /// [`InputError::UnknownCharacter`] before the first key is sent; others see [`InputError`].
    pub async fn type_text(&self, text: &str, pace: Pace, secrecy: Secrecy) -> Result<(), InputError> {
        let _ = (text, pace, secrecy);
        todo!()
    }

    /// Lets go every key and pointer button that is down.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn release_all(&self) -> Result<(), InputError> {
        todo!()
    }

    /// Whether a US keyboard can type the text; if not, the first character it cannot, as [`type_text`](Self::type_text) would say.
    ///
    /// # Errors
    /// [`InputError::UnknownCharacter`].
    pub fn check(text: &str) -> Result<(), InputError> {
        let _ = text;
        todo!()
    }
}
