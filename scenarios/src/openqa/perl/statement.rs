//! The statements of Perl.

use std::ops::Range;

use super::expression::Expression;

/// A statement with its place.
#[derive(Debug, Clone)]
pub(in crate::openqa) struct Statement {
    pub(in crate::openqa) kind: StatementKind,
    /// Its first line, from 1.
    pub(in crate::openqa) line: usize,
    /// In bytes of the file.
    pub(in crate::openqa) at: Range<usize>,
}

/// The kinds of statements.
#[derive(Debug, Clone)]
pub(in crate::openqa) enum StatementKind {
    Expression(Expression),
    /// `if`, `unless` and their modifiers: the branches in order, then the statements of `else`.
    If {
        branches: Vec<Branch>,
        otherwise: Option<Vec<Statement>>,
    },
    /// `for my $x (list) { ... }`, and the modifier `for`. The variable is without its sigil.
    Each {
        variable: String,
        list: Expression,
        body: Vec<Statement>,
    },
    Block(Vec<Statement>),
    Sub {
        name: String,
        body: Vec<Statement>,
    },
    /// `package`, `use` and `no`, with their words.
    Use(Vec<String>),
    Return(Option<Expression>),
    /// A loop without a known end, or what is not understood.
    Unknown(Vec<Statement>),
}

/// A condition and the statements behind it.
#[derive(Debug, Clone)]
pub(in crate::openqa) struct Branch {
    /// `if`, `unless` or `elsif`.
    pub(in crate::openqa) keyword: &'static str,
    pub(in crate::openqa) condition: Expression,
    pub(in crate::openqa) body: Vec<Statement>,
    /// The line of the condition, from 1.
    pub(in crate::openqa) line: usize,
    /// The bytes of the line with the condition, up to its block.
    pub(in crate::openqa) head: Range<usize>,
}
