use std::{fmt, str::FromStr};

use qapi::qmp::QKeyCode;

/// A key of the keyboard, by QEMU's names (`QKeyCode`): `a`, `ret`, `f4`, `ctrl`, `meta_l`, `kp_5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(pub(crate) QKeyCode);

/// A word that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no key")]
pub struct ParseKeyError {
    /// What was found.
    pub text: String,
    /// The name most like it.
    pub nearest: Option<&'static str>,
}

impl KeyName {
    /// Every key QEMU knows.
    #[must_use]
    pub fn all() -> Vec<Self> {
        todo!()
    }

    /// QEMU's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        todo!()
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyName {
    type Err = ParseKeyError;

    /// Reads QEMU's names and the usual others: `enter`, `escape`, `super`, `control`, `del`, `page_up`, ... in any case, with `-` or `_`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let _ = text;
        todo!()
    }
}
