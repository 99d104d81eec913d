//! The text that an area must contain.

use std::fmt;

use regex::Regex;

/// The text that an area must contain.
#[derive(Clone, Debug)]
pub enum TextPattern {
    /// These words. Each run of white space counts as one space.
    Words(String),
    /// A match of this expression.
    Expression(Regex),
}

impl TextPattern {
    /// Returns true if the text that was read fits.
    pub fn matches(&self, read: &str) -> bool {
        match self {
            Self::Words(words) => squeeze(read).contains(&squeeze(words)),
            Self::Expression(expression) => expression.is_match(read),
        }
    }
}

/// Writes words in back-ticks and an expression between slashes.
impl fmt::Display for TextPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => write!(f, "`{words}`"),
            Self::Expression(expression) => write!(f, "/{expression}/"),
        }
    }
}

impl PartialEq for TextPattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Words(a), Self::Words(b)) => a == b,
            (Self::Expression(a), Self::Expression(b)) => a.as_str() == b.as_str(),
            (Self::Words(_), Self::Expression(_)) | (Self::Expression(_), Self::Words(_)) => false,
        }
    }
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_the_line_breaks() {
        let words = TextPattern::Words("Log  in".to_owned());
        assert!(words.matches("Please\nLog\nin now"));
        assert!(!words.matches("Login"));
        let expression = TextPattern::Expression(Regex::new("^4[0-9]$").unwrap());
        assert!(expression.matches("42"));
        assert!(!expression.matches("142"));
        assert_ne!(words, expression);
        assert_eq!(format!("{words} {expression}"), "`Log  in` /^4[0-9]$/");
        assert_eq!(words, words.clone());
    }
}
