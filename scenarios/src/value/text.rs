use std::fmt;
use std::sync::Arc;

/// What stands where a secret must not be shown.
pub const MASK: &str = "•••";

/// Text that knows whether it is secret. Secret text displays as `•••`; only [`Text::reveal`] gives it away. Clones
/// share it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Text {
    value: Arc<String>,
    secret: bool,
}

impl Text {
    /// Text that may be shown.
    pub fn open(value: impl Into<String>) -> Self {
        Self {
            value: Arc::new(value.into()),
            secret: false,
        }
    }

    /// Text that must not be shown.
    pub fn secret(value: impl Into<String>) -> Self {
        Self {
            value: Arc::new(value.into()),
            secret: true,
        }
    }

    /// Whether it must not be shown.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// The text itself: for typing it, sending it, comparing it; never for a log or a report.
    pub fn reveal(&self) -> &str {
        &self.value
    }

    /// What may be shown: the text, or `•••`.
    pub fn shown(&self) -> &str {
        if self.secret { MASK } else { &self.value }
    }

    /// The same text, secret from now on.
    #[must_use]
    pub fn into_secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Appends; the whole is secret when a part is.
    pub(crate) fn push(&mut self, other: &Self) {
        Arc::make_mut(&mut self.value).push_str(&other.value);
        self.secret |= other.secret;
    }

    /// Its length in bytes.
    pub(crate) fn length(&self) -> usize {
        self.value.len()
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Self {
        Self::open(value)
    }
}

impl From<String> for Text {
    fn from(value: String) -> Self {
        Self::open(value)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret {
            f.write_str(MASK)
        } else {
            write!(f, "{:?}", self.value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nowhere_but_in_reveal() {
        let text = Text::secret("qa-pass");
        assert_eq!(
            format!("{text} {text:?} {:?}", Some(&text)),
            "••• ••• Some(•••)"
        );
        assert_eq!(text.reveal(), "qa-pass");
        assert_eq!(Text::open("a").to_string(), "a");
    }
    #[test]
    fn text_joined_with_a_secret_is_secret() {
        let mut text = Text::open("pass: ");
        text.push(&Text::secret("x"));
        assert!(text.is_secret());
        assert_eq!(text.reveal(), "pass: x");
    }
}
