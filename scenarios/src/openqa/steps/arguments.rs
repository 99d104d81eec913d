//! The arguments of a call of openQA's test API: first by their place, then by name.

use crate::openqa::perl::{Expression, Piece};

/// The arguments of a call.
pub(super) struct Arguments<'e> {
    /// Those without a name, in order.
    pub(super) placed: Vec<&'e Expression>,
    named: Vec<(&'e str, &'e Expression)>,
}

impl<'e> Arguments<'e> {
    /// Splits arguments. `names` are the names that the call knows. Returns the name or thing that it does not know.
    pub(super) fn read(arguments: &'e [Expression], names: &[&str]) -> Result<Self, String> {
        let mut placed = Vec::new();
        let mut named = Vec::new();
        let mut rest = arguments;
        while let Some((first, after)) = rest.split_first() {
            let name = word(first).filter(|name| !placed.is_empty() || names.contains(name));
            match (name, after.split_first()) {
                (Some(name), Some((value, after))) if names.contains(&name) => {
                    named.push((name, value));
                    rest = after;
                }
                (Some(name), Some(_)) if !named.is_empty() => {
                    return Err(format!("the option `{name}`"));
                }
                _ if !named.is_empty() => return Err("its arguments".to_owned()),
                _ => {
                    placed.push(first);
                    rest = after;
                }
            }
        }
        let hidden =
            |one: &&Expression| matches!(one, Expression::Variable(name) if !name.starts_with('$'));
        if placed.iter().any(hidden) {
            return Err("its arguments are in a list or a hash".to_owned());
        }
        Ok(Self { placed, named })
    }

    /// Returns the argument with this name, or at this place.
    pub(super) fn get(&self, name: &str, place: usize) -> Option<&'e Expression> {
        self.named(name).or_else(|| self.placed.get(place).copied())
    }

    /// Returns the argument with this name.
    pub(super) fn named(&self, name: &str) -> Option<&'e Expression> {
        let found = self.named.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| *value)
    }

    /// Returns true if the option is there and neither 0 nor empty.
    pub(super) fn flag(&self, name: &str) -> bool {
        match self.named(name) {
            Some(Expression::Number(number)) => number != "0",
            Some(Expression::Text(pieces)) => !pieces.is_empty(),
            Some(Expression::Word(word)) => word != "undef",
            Some(_) => true,
            None => false,
        }
    }
}

/// Returns the text of an expression that is nothing but a word.
pub(in crate::openqa) fn word(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Text(pieces) => match pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}
