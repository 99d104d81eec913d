//! Tags that a needle must all have.

use super::templated::{FromText, Shown, show_no_secret};
use super::text::Text;
use crate::finding::{Code, Diagnostic, Span};

/// Tags that a needle must all have, from one string in which spaces separate them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagSet {
    tags: Vec<String>,
}

impl TagSet {
    /// Returns the tags, at least one.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }
}

impl Shown for TagSet {
    fn shown(&self) -> String {
        self.tags.join(" ")
    }
}

impl FromText for TagSet {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "a tag")?;
        let tags: Vec<String> = text
            .reveal()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        if tags.is_empty() {
            return Err(Diagnostic::new(
                Code::InvalidValue,
                at,
                "expected a tag, found empty text",
            ));
        }
        Ok(Self { tags })
    }
}
