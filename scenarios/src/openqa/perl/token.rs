//! The tokens of Perl.

use std::ops::Range;

use super::expression::Piece;

/// A token with its place.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// From 1.
    pub(super) line: usize,
    /// In bytes.
    pub(super) at: Range<usize>,
}

/// The kinds of tokens.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A name, perhaps with `::` in it.
    Word(String),
    /// `$name`, `@name` or `%name`, with the sigil.
    Variable(String),
    Number(String),
    /// Quoted text.
    Text(Vec<Piece>),
    /// The words of `qw(...)`.
    Words(Vec<String>),
    /// A regular expression, with its flags.
    Pattern {
        pieces: Vec<Piece>,
        flags: String,
    },
    /// `s/.../.../`, `tr/.../.../`.
    Substitution,
    /// An operator or a bracket.
    Mark(&'static str),
    /// A character that begins nothing.
    Stray,
}

impl TokenKind {
    /// Returns true if an operator may follow, so that a `/` after it divides.
    pub(super) fn is_operand(&self) -> bool {
        match self {
            Self::Word(word) => !BEFORE_A_TERM.contains(&word.as_str()),
            Self::Variable(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::Words(_)
            | Self::Pattern { .. }
            | Self::Substitution => true,
            Self::Mark(mark) => matches!(*mark, ")" | "]" | "}"),
            Self::Stray => false,
        }
    }
}

/// Words after which a `/` begins a regular expression.
const BEFORE_A_TERM: [&str; 22] = [
    "and", "cmp", "eq", "ge", "grep", "gt", "if", "join", "le", "lt", "map", "ne", "not", "or",
    "push", "return", "split", "unless", "until", "when", "while", "x",
];

/// A comment.
#[derive(Debug)]
pub(in crate::openqa) struct Comment {
    /// From 1.
    pub(in crate::openqa) line: usize,
    /// With its `#`.
    pub(in crate::openqa) text: String,
    /// True if nothing is before it in its line.
    pub(in crate::openqa) own_line: bool,
}
