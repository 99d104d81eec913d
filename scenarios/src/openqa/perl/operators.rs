//! The operators of Perl, by how tightly they bind.

use super::token::TokenKind;

/// The binding of an operator between two terms. Larger binds tighter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) power: u8,
    pub(super) right: bool,
}

/// The power of `=`. The arguments of a call without parentheses bind at least as tightly.
pub(super) const ASSIGNMENT: u8 = 4;
/// The power of the operands of `not`.
pub(super) const NOT: u8 = 3;
/// The power of the operand of a sign, `!` or `\`.
pub(super) const SIGN: u8 = 18;
/// The power of `?`.
pub(super) const TERNARY: u8 = 5;

/// Returns the operator that a token is, if it stands between two terms.
pub(super) fn between(kind: &TokenKind) -> Option<(&'static str, Binding)> {
    let left = |power| Binding {
        power,
        right: false,
    };
    let right = |power| Binding { power, right: true };
    let (name, binding) = match kind {
        TokenKind::Word(word) => match word.as_str() {
            "or" => ("or", left(1)),
            "xor" => ("xor", left(1)),
            "and" => ("and", left(2)),
            "eq" => ("eq", left(11)),
            "ne" => ("ne", left(11)),
            "cmp" => ("cmp", left(11)),
            "lt" => ("lt", left(12)),
            "gt" => ("gt", left(12)),
            "le" => ("le", left(12)),
            "ge" => ("ge", left(12)),
            "x" => ("x", left(16)),
            _ => return None,
        },
        TokenKind::Mark(mark) => (*mark, of_mark(mark)?),
        TokenKind::Variable(_)
        | TokenKind::Number(_)
        | TokenKind::Text(_)
        | TokenKind::Words(_)
        | TokenKind::Pattern { .. }
        | TokenKind::Substitution
        | TokenKind::Stray => return None,
    };
    Some((name, if name == "**" { right(19) } else { binding }))
}

fn of_mark(mark: &str) -> Option<Binding> {
    let power = match mark {
        "=" | "+=" | "-=" | ".=" | "*=" | "/=" | "||=" | "//=" | "&&=" | "|=" | "&=" | "x="
        | "**=" => {
            return Some(Binding {
                power: ASSIGNMENT,
                right: true,
            });
        }
        ".." | "..." => 6,
        "||" | "//" => 7,
        "&&" => 8,
        "|" | "^" => 9,
        "&" => 10,
        "==" | "!=" | "<=>" => 11,
        "<" | ">" | "<=" | ">=" => 12,
        "<<" | ">>" => 14,
        "+" | "-" | "." => 15,
        "*" | "/" | "%" => 16,
        "=~" | "!~" => 17,
        "**" => 19,
        _ => return None,
    };
    Some(Binding {
        power,
        right: false,
    })
}

/// Functions with one argument: what follows an operator after it is not theirs.
pub(super) const UNARY: [&str; 14] = [
    "defined",
    "ref",
    "lc",
    "uc",
    "ucfirst",
    "lcfirst",
    "scalar",
    "length",
    "exists",
    "delete",
    "chomp",
    "int",
    "quotemeta",
    "sleep",
];

/// Words that take a block before their arguments.
pub(super) const WITH_BLOCK: [&str; 10] = [
    "wait_screen_change",
    "assert_screen_change",
    "map",
    "grep",
    "sort",
    "eval",
    "do",
    "try",
    "catch",
    "finally",
];
