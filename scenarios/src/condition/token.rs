//! Splits a condition into tokens.

use crate::finding::{Code, Diagnostic, Span};

/// A token of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name, or one of the words `and`, `or`, `not`, `in`, `matches`, `seen`, `true`, `false`.
    Word(String),
    /// Quoted text.
    Text(String),
    /// Digits.
    Number(String),
    /// Text between slashes.
    Regex(String),
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `(`, `)`, `[`, `]` or `,`
    Mark(char),
}

/// Splits a condition into tokens with their places.
pub(super) fn tokens(text: &str, at: &Span) -> Result<Vec<(Token, Span)>, Diagnostic> {
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some(first) = text[from..].chars().next() {
        let rest = &text[from..];
        let error = |length: usize, message: String| {
            Diagnostic::new(
                Code::Condition,
                &at.part(text, from..from + length),
                message,
            )
        };
        let (token, length) = match first {
            c if c.is_whitespace() => {
                from += c.len_utf8();
                continue;
            }
            '(' | ')' | '[' | ']' | ',' => (Token::Mark(first), 1),
            '"' | '\'' => {
                let end = rest[1..]
                    .find(first)
                    .ok_or_else(|| error(1, "the quote is not closed".to_owned()))?;
                (Token::Text(rest[1..=end].to_owned()), end + 2)
            }
            '/' => {
                let end =
                    regex_end(rest).ok_or_else(|| error(1, "the `/` is not closed".to_owned()))?;
                (Token::Regex(rest[1..end].replace("\\/", "/")), end + 1)
            }
            '=' | '!' | '&' | '|' | '<' | '>' => {
                let operator = &rest[..rest
                    .find(|c: char| !matches!(c, '=' | '!' | '&' | '|' | '<' | '>'))
                    .unwrap_or(rest.len())];
                match operator {
                    "==" => (Token::Equal, 2),
                    "!=" => (Token::NotEqual, 2),
                    _ => {
                        return Err(error(operator.len(), format!("`{operator}` is no operator"))
                            .with_help("there are `==`, `!=`, `in`, `matches /regex/`, `and`, `or` and `not`"));
                    }
                }
            }
            '{' if rest.starts_with("{{") => {
                return Err(
                    error(2, "a condition names variables without braces".to_owned())
                        .with_help("write `user == \"alice\"`"),
                );
            }
            c if c.is_ascii_digit() => {
                let end = rest
                    .find(|c: char| !c.is_ascii_digit() && c != '.')
                    .unwrap_or(rest.len());
                (Token::Number(rest[..end].to_owned()), end)
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let end = rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'))
                    .unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
            c => return Err(error(c.len_utf8(), format!("unexpected `{c}`"))),
        };
        tokens.push((token, at.part(text, from..from + length)));
        from += length;
    }
    Ok(tokens)
}

/// Returns the position of the slash that closes a regular expression: the first one without a backslash before it.
fn regex_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '/' if !escaped => return Some(at),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}
