//! Secrets that a board or its sources may say, and that no log may have.

use std::fmt;

/// The text that stands for a secret.
const MASK: &str = "•••";

/// Secrets that no log may have.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Concealed(Vec<String>);

impl Concealed {
    /// Returns these secrets. Empty ones are none.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| !secret.is_empty());
        let mut secrets: Vec<String> = secrets.collect();
        // One may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// Returns the secrets.
    pub(super) fn each(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Returns a text without them.
    pub(super) fn masked(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for secret in &self.0 {
            masked = masked.replace(secret.as_str(), MASK);
        }
        masked
    }
}

impl fmt::Debug for Concealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Concealed").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_in_no_text() {
        let secrets = ["cat", "", "concatenate"].map(str::to_owned);
        let concealed = Concealed::new(secrets);
        assert_eq!(
            concealed.masked("concatenate the cat"),
            format!("{MASK} the {MASK}")
        );
        assert_eq!(format!("{concealed:?}"), "Concealed(..)");
    }
}
