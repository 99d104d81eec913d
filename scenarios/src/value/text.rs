//! Text that may be secret.

use std::fmt;
use std::sync::Arc;

/// The text that is shown instead of a secret.
pub const MASK: &str = "•••";

/// Text that knows whether it is secret. Secret text displays as `•••`. Only [`Text::reveal`] returns it. Clones share
/// it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Text {
    value: Arc<String>,
    secret: bool,
}

impl Text {
    /// Makes text that may be shown.
    pub fn open(value: impl Into<String>) -> Self {
        Self {
            value: Arc::new(value.into()),
            secret: false,
        }
    }

    /// Makes text that must not be shown.
    pub fn secret(value: impl Into<String>) -> Self {
        Self {
            value: Arc::new(value.into()),
            secret: true,
        }
    }

    /// Returns true if the text must not be shown.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Returns the text itself, to type, send or compare it. It must not be used for a log or a report.
    pub fn reveal(&self) -> &str {
        &self.value
    }

    /// Returns the text, or `•••` if it is secret.
    pub fn shown(&self) -> &str {
        if self.secret { MASK } else { &self.value }
    }

    /// Returns the text for the middle of a sentence: of several lines the first one, and the number of the others.
    pub fn brief(&self) -> String {
        let shown = self.shown().trim();
        match shown.split_once('\n') {
            None => shown.to_owned(),
            Some((first, rest)) => match rest.lines().count() {
                1 => format!("{} … (and 1 more line)", first.trim_end()),
                lines => format!("{} … (and {lines} more lines)", first.trim_end()),
            },
        }
    }

    /// Makes the text secret.
    #[must_use]
    pub fn into_secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Appends a text. The result is secret if a part is.
    pub(crate) fn push(&mut self, other: &Self) {
        Arc::make_mut(&mut self.value).push_str(&other.value);
        self.secret |= other.secret;
    }

    /// Returns the length in bytes.
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
