//! The expressions of Perl, as far as test modules use them.

use super::statement::Statement;

/// A part of quoted text.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::openqa) enum Piece {
    Text(String),
    /// `$name`, without the sigil.
    Variable(String),
    /// Something that only Perl can tell: `@{[ ... ]}`, `$x->{y}`.
    Unknown,
}

/// An expression.
#[derive(Debug, Clone)]
pub(in crate::openqa) enum Expression {
    Text(Vec<Piece>),
    Number(String),
    /// `$name`, `@name` or `%name`, with the sigil.
    Variable(String),
    /// A name without arguments: a constant, a class, a call.
    Word(String),
    /// `(...)`, or the items of a comma.
    List(Vec<Expression>),
    /// `[...]`
    Array(Vec<Expression>),
    /// `{...}`: names and values one after the other.
    Hash(Vec<Expression>),
    Pattern {
        pieces: Vec<Piece>,
        flags: String,
    },
    /// `sub { ... }`, or the block of a call.
    Code(Vec<Statement>),
    Call {
        name: String,
        arguments: Vec<Expression>,
    },
    Method {
        object: Box<Expression>,
        name: String,
        arguments: Vec<Expression>,
    },
    /// `!`, `-`, `not` and others before their operand.
    Unary(&'static str, Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
    /// `my $x`, `my ($x, $y)`, `our @z`: the names with their sigils.
    Declared(Vec<String>),
    /// Something that is read, but has no use here: `$x->{y}`, `a ? b : c`.
    Other,
}
