//! Finds the variables that statements assign.

use crate::openqa::perl::{Expression, Statement, StatementKind};

/// Adds the names, without sigils, of the variables that a statement assigns, once for each time.
pub(super) fn names(statement: &Statement, found: &mut Vec<String>) {
    match &statement.kind {
        StatementKind::Expression(expression) | StatementKind::Return(Some(expression)) => {
            in_expression(expression, found)
        }
        StatementKind::If {
            branches,
            otherwise,
        } => {
            for branch in branches {
                in_expression(&branch.condition, found);
                branch
                    .body
                    .iter()
                    .for_each(|statement| names(statement, found));
            }
            otherwise
                .iter()
                .flatten()
                .for_each(|statement| names(statement, found));
        }
        StatementKind::Each { body, variable, .. } => {
            found.push(variable.clone());
            body.iter().for_each(|statement| names(statement, found));
        }
        StatementKind::Block(body)
        | StatementKind::Unknown(body)
        | StatementKind::Sub { body, .. } => {
            body.iter().for_each(|statement| names(statement, found));
        }
        StatementKind::Use(_) | StatementKind::Return(None) => {}
    }
}

fn in_expression(expression: &Expression, found: &mut Vec<String>) {
    match expression {
        Expression::Binary(operator, left, right) => {
            if operator.ends_with('=') && !matches!(*operator, "==" | "!=" | "<=" | ">=") {
                targets(left, found);
            }
            // `$x =~ s/a/b/` changes it, too.
            if *operator == "=~" && matches!(**right, Expression::Other) {
                targets(left, found);
            }
            in_expression(left, found);
            in_expression(right, found);
        }
        Expression::Unary(_, inner) => in_expression(inner, found),
        Expression::Call { arguments, .. } | Expression::Method { arguments, .. } => {
            arguments
                .iter()
                .for_each(|argument| in_expression(argument, found));
        }
        Expression::Code(body) => body.iter().for_each(|statement| names(statement, found)),
        Expression::List(items) | Expression::Array(items) | Expression::Hash(items) => {
            items.iter().for_each(|item| in_expression(item, found));
        }
        Expression::Text(_)
        | Expression::Number(_)
        | Expression::Variable(_)
        | Expression::Word(_)
        | Expression::Pattern { .. }
        | Expression::Declared(_)
        | Expression::Other => {}
    }
}

/// Adds the names of what stands left of a `=`.
fn targets(left: &Expression, found: &mut Vec<String>) {
    let bare = |name: &String| name.trim_start_matches(['$', '@', '%']).to_owned();
    match left {
        Expression::Variable(name) => found.push(bare(name)),
        Expression::Declared(names) => found.extend(names.iter().map(bare)),
        Expression::List(items) => items.iter().for_each(|item| targets(item, found)),
        _ => {}
    }
}
