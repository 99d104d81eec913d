//! Functions of a module and of the library: a call becomes a group with their steps.

use std::collections::BTreeMap;

use super::entry::{Entry, StepText, has_step, has_todo};
use super::writer::{Known, Writer};
use crate::openqa::perl::{Expression, Statement, StatementKind};

/// The greatest depth of functions that call each other.
const DEEPEST_CALL: usize = 8;

impl Writer<'_> {
    /// Tells a function of the file or of the library, if all of it can be told.
    pub(super) fn function(&mut self, name: &str, arguments: &[Expression]) -> Option<Vec<Entry>> {
        if self.calls.iter().any(|call| call == name) || self.calls.len() >= DEEPEST_CALL {
            return None;
        }
        let facts = self.facts;
        let own = std::iter::once(self.file);
        let mut found = None;
        for (index, file) in own.chain(&facts.library).enumerate() {
            let bodies = file
                .statements
                .iter()
                .filter_map(|statement| match &statement.kind {
                    StatementKind::Sub { name: own, body } if own == name => {
                        Some((statement, body))
                    }
                    _ => None,
                });
            for (statement, body) in bodies {
                if found.is_some() && index > 0 {
                    self.because(format!("`{name}` is in more than one file of lib/"));
                    return None;
                }
                found = Some((file, statement, body));
            }
            if found.is_some() && index == 0 {
                break;
            }
        }
        let (file, statement, body) = found?;
        let Some((mut bound, body)) = self.bind(body, arguments) else {
            self.because(format!(
                "`{name}` in {}:{} takes arguments that are not known",
                file.path, statement.line
            ));
            return None;
        };
        if std::ptr::eq(file, self.file) {
            for (name, known) in &self.top {
                bound.entry(name.clone()).or_insert_with(|| known.clone());
            }
        }
        let known = std::mem::replace(&mut self.known, bound);
        let outer = std::mem::replace(&mut self.file, file);
        let (tally, comments_to) = (self.tally.clone(), self.comments_to);
        let blocks = std::mem::take(&mut self.blocks);
        self.calls.push(name.to_owned());
        let entries = self.nested(|writer| writer.statements(body));
        self.calls.pop();
        self.blocks = blocks;
        self.file = outer;
        self.known = known;
        self.comments_to = comments_to;
        self.tally = tally;
        let entries = entries?;
        if has_todo(&entries) {
            self.because(format!(
                "`{name}` in {}:{} has parts that cannot be told",
                file.path, statement.line
            ));
            return None;
        }
        match has_step(&entries) {
            true => Some(vec![Entry::Step(StepText::group(
                &name.replace('_', " "),
                entries,
            ))]),
            false => Some(entries),
        }
    }

    /// Binds the arguments of a call to the names in `my ($self, $x) = @_;`. Returns them with the rest of the body.
    fn bind<'s>(
        &mut self,
        body: &'s [Statement],
        arguments: &[Expression],
    ) -> Option<(BTreeMap<String, Known>, &'s [Statement])> {
        let mut bound = BTreeMap::new();
        let names = body.first().and_then(|first| match &first.kind {
            StatementKind::Expression(Expression::Binary("=", left, right)) => {
                match (&**left, &**right) {
                    (Expression::Declared(names), Expression::Variable(all)) if all == "@_" => {
                        Some(names)
                    }
                    _ => None,
                }
            }
            _ => None,
        });
        let Some(names) = names else {
            let takes_self = body.first().is_some_and(is_shift);
            let rest = if takes_self { body.get(1..)? } else { body };
            return arguments.is_empty().then_some((bound, rest));
        };
        let names = names
            .iter()
            .filter(|name| !matches!(name.as_str(), "$self" | "$class" | "$this"));
        let mut arguments = arguments.iter();
        for name in names {
            let Some(argument) = arguments.next() else {
                continue;
            };
            let text = self.text(argument)?;
            bound.insert(name.trim_start_matches('$').to_owned(), Known::Text(text));
        }
        arguments
            .next()
            .is_none()
            .then_some((bound, body.get(1..)?))
    }
}

/// Returns true for `my $self = shift;` and `my ($self) = shift;`.
fn is_shift(statement: &Statement) -> bool {
    let StatementKind::Expression(Expression::Binary("=", left, right)) = &statement.kind else {
        return false;
    };
    matches!(&**left, Expression::Declared(names) if names.len() == 1)
        && matches!(&**right, Expression::Word(word) if word == "shift")
}
