//! Regular expressions.

use regex::{Regex, RegexBuilder};

use super::templated::{FromText, Shown, show_no_secret};
use super::text::Text;
use crate::finding::{Code, Diagnostic, Span};

/// A compiled expression larger than this is refused. Real ones have a few kilobytes.
const LARGEST: usize = 1 << 20;

/// A longer text is refused before it is parsed, because parsing needs a hundred times its length.
const LONGEST: usize = 64 << 10;

/// A regular expression in the syntax of the `regex` crate. `^` and `$` match at the beginning and end of each line.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Reads an expression.
    ///
    /// # Errors
    /// The mistake in it, in one line.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            let length = text.len();
            return Err(format!(
                "it has {length} bytes; at most {LONGEST} can be used"
            ));
        }
        RegexBuilder::new(text)
            .multi_line(true)
            .size_limit(LARGEST)
            .build()
            .map(Self)
            .map_err(|error| match error {
                // The last line has the message. The lines before repeat the expression.
                regex::Error::Syntax(text) => {
                    let last = text.lines().last().unwrap_or_default();
                    last.trim_start_matches("error: ").to_owned()
                }
                regex::Error::CompiledTooBig(_) => format!(
                    "it is too large once its repetitions are written out: more than {LARGEST} bytes"
                ),
                other => other.to_string(),
            })
    }

    /// Returns the expression.
    pub fn regex(&self) -> &Regex {
        &self.0
    }

    /// Returns the text as written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Shown for Pattern {
    fn shown(&self) -> String {
        self.as_str().to_owned()
    }
}

impl FromText for Pattern {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "a regular expression")?;
        if text.reveal().is_empty() {
            return Err(Diagnostic::new(
                Code::InvalidValue,
                at,
                "an empty regular expression matches everything",
            ));
        }
        Self::new(text.reveal()).map_err(|problem| {
            Diagnostic::new(Code::InvalidValue, at, format!("not a regular expression: {problem}"))
                .with_help("`.`, `*`, `?`, `(`, `[`, `{`, `|` and `\\` have a meaning; write `\\.` for a full stop")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_at_line_ends_and_tells_what_is_wrong_with_it() {
        let pattern = Pattern::new("^login: $").expect("a pattern");
        assert!(pattern.regex().is_match("Debian\nlogin: \n"));
        assert_eq!(Pattern::new("(a"), Err("unclosed group".into()));
        assert!(Pattern::new("(a{1000}){1000}").is_err());
    }
}
