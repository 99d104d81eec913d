//! The parts of a condition.

use super::hasher::KeyHasher;
use super::known::{Piece, Scope};
use crate::condition::{Condition, Expression};

impl KeyHasher {
    pub(super) fn condition(&mut self, condition: &Condition, scope: Scope<'_>) {
        self.expression(condition.expression(), scope);
    }

    fn expression(&mut self, expression: &Expression, scope: Scope<'_>) {
        match expression {
            Expression::Text(text) => {
                self.mark("value");
                self.pieces(&[Piece::known(text)]);
            }
            Expression::Variable { name, at: _ } => {
                self.mark("value");
                self.pieces(&scope.variable(name));
            }
            // The tags of the needle are in its own file. That file is in the key, together with the step that saw the
            // needle.
            Expression::Seen { tag, at: _ } => {
                self.mark("seen");
                self.text(tag);
            }
            Expression::Equal(left, right) => self.two("==", left, right, scope),
            Expression::In(left, right) => self.two("in", left, right, scope),
            Expression::List(items) => {
                self.mark("list");
                self.number(items.len());
                items.iter().for_each(|item| self.expression(item, scope));
            }
            Expression::Matches(left, pattern) => {
                self.mark("matches");
                self.expression(left, scope);
                self.text(pattern.as_str());
            }
            Expression::Not(inner) => {
                self.mark("not");
                self.expression(inner, scope);
            }
            Expression::And(left, right) => self.two("and", left, right, scope),
            Expression::Or(left, right) => self.two("or", left, right, scope),
        }
    }

    fn two(&mut self, mark: &'static str, left: &Expression, right: &Expression, scope: Scope<'_>) {
        self.mark(mark);
        self.expression(left, scope);
        self.expression(right, scope);
    }
}
