//! The parsed form of a condition, and its evaluation.

use crate::finding::{Code, Diagnostic, Span};
use crate::value::{Pattern, Value, Vars, unknown_variable};

/// A parsed condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Text(String),
    Variable { name: String, at: Span },
    Seen { tag: String, at: Span },
    Equal(Box<Expression>, Box<Expression>),
    In(Box<Expression>, Box<Expression>),
    List(Vec<Expression>),
    Matches(Box<Expression>, Pattern),
    Not(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
}

/// Returns true if a text alone counts as true.
fn truth(text: &str) -> bool {
    !matches!(text, "" | "false" | "no" | "0")
}

impl Expression {
    pub(super) fn holds(
        &self,
        vars: &Vars,
        seen: &dyn Fn(&str) -> bool,
    ) -> Result<bool, Diagnostic> {
        Ok(match self {
            Self::Text(text) => truth(text),
            Self::Variable { name, at } => match vars.get(name) {
                Some(Value::Text(text)) => truth(text.reveal()),
                Some(Value::List(items)) => !items.is_empty(),
                None => return Err(unknown_variable(name, at, vars.names())),
            },
            Self::Seen { tag, .. } => seen(tag),
            Self::Equal(left, right) => left.text(vars, seen)? == right.text(vars, seen)?,
            Self::In(left, list) => {
                let wanted = left.text(vars, seen)?;
                list.items(vars, seen)?.contains(&wanted)
            }
            Self::List(items) => !items.is_empty(),
            Self::Matches(left, pattern) => pattern.regex().is_match(&left.text(vars, seen)?),
            Self::Not(inner) => !inner.holds(vars, seen)?,
            Self::And(left, right) => left.holds(vars, seen)? && right.holds(vars, seen)?,
            Self::Or(left, right) => left.holds(vars, seen)? || right.holds(vars, seen)?,
        })
    }

    fn text(&self, vars: &Vars, seen: &dyn Fn(&str) -> bool) -> Result<String, Diagnostic> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Variable { name, at } => match vars.get(name) {
                Some(Value::Text(text)) => Ok(text.reveal().to_owned()),
                Some(Value::List(_)) => Err(Diagnostic::new(
                    Code::WrongType,
                    at,
                    format!("the variable `{name}` is a list, not text"),
                )
                .with_help(format!("write `\"...\" in {name}`"))),
                None => Err(unknown_variable(name, at, vars.names())),
            },
            _ => Ok(self.holds(vars, seen)?.to_string()),
        }
    }

    fn items(&self, vars: &Vars, seen: &dyn Fn(&str) -> bool) -> Result<Vec<String>, Diagnostic> {
        match self {
            Self::List(items) => items.iter().map(|item| item.text(vars, seen)).collect(),
            Self::Variable { name, at } => match vars.get(name) {
                Some(Value::List(items)) => {
                    Ok(items.iter().map(|item| item.reveal().to_owned()).collect())
                }
                Some(Value::Text(_)) => Err(Diagnostic::new(
                    Code::WrongType,
                    at,
                    format!("the variable `{name}` is text, not a list"),
                )),
                None => Err(unknown_variable(name, at, vars.names())),
            },
            _ => Ok(vec![self.text(vars, seen)?]),
        }
    }

    /// Returns the value of an expression that no variable and no needle can change.
    pub(super) fn constant(&self) -> Option<bool> {
        match self {
            Self::And(left, right) => match (left.constant(), right.constant()) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.constant(), right.constant()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(inner) => inner.constant().map(|value| !value),
            _ => {
                let mut free = false;
                self.visit(&mut |inner| {
                    free |= matches!(inner, Self::Variable { .. } | Self::Seen { .. });
                });
                if free {
                    None
                } else {
                    self.holds(&Vars::new(), &|_| false).ok()
                }
            }
        }
    }

    /// Calls `visit` with this expression and everything inside it, from left to right.
    pub(super) fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::Text(_) | Self::Variable { .. } | Self::Seen { .. } => {}
            Self::Not(inner) | Self::Matches(inner, _) => inner.visit(visit),
            Self::List(items) => items.iter().for_each(|item| item.visit(visit)),
            Self::Equal(left, right)
            | Self::In(left, right)
            | Self::And(left, right)
            | Self::Or(left, right) => {
                left.visit(visit);
                right.visit(visit);
            }
        }
    }
}
