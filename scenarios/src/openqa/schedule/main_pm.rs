//! The modules that `main.pm` loads for a job.

use std::collections::BTreeMap;

use super::yaml_schedule::module;
use crate::openqa::perl::{Expression, PerlFile, Piece, Statement, StatementKind};
use crate::openqa::settings::Settings;
use crate::openqa::steps::word;

/// The most statements that are carried out for one job.
const MOST_STATEMENTS: usize = 20_000;
/// The greatest depth of functions that call each other.
const DEEPEST_CALL: usize = 16;

/// Carries out what `main.pm` says about one job.
struct Loader<'a> {
    files: Vec<&'a PerlFile>,
    settings: &'a Settings,
    /// Variables of the file, without sigils.
    known: BTreeMap<String, String>,
    modules: Vec<String>,
    problems: Vec<String>,
    statements: usize,
    depth: usize,
}

/// Returns the modules that `main` loads for a job with these settings, and what could not be told, with its place.
pub(in crate::openqa) fn load_tests(
    main: &PerlFile,
    library: &[PerlFile],
    settings: &Settings,
) -> (Vec<String>, Vec<String>) {
    let mut loader = Loader {
        files: std::iter::once(main).chain(library).collect(),
        settings,
        known: BTreeMap::new(),
        modules: Vec::new(),
        problems: Vec::new(),
        statements: 0,
        depth: 0,
    };
    loader.run(&main.statements, main);
    loader.problems.dedup();
    (loader.modules, loader.problems)
}

impl Loader<'_> {
    /// Returns true if the function returned.
    fn run(&mut self, statements: &[Statement], file: &PerlFile) -> bool {
        for statement in statements {
            self.statements += 1;
            if self.statements > MOST_STATEMENTS {
                return true;
            }
            if self.statement(statement, file) {
                return true;
            }
        }
        false
    }

    fn problem(&mut self, statement: &Statement, file: &PerlFile) {
        // What loads no module decides nothing.
        if !loads(statement) {
            return;
        }
        let source = file.source(&statement.at);
        let first = source.first().copied().unwrap_or_default();
        self.problems
            .push(format!("{}:{}: {first}", file.path, statement.line));
    }

    fn statement(&mut self, statement: &Statement, file: &PerlFile) -> bool {
        match &statement.kind {
            StatementKind::Expression(expression) => {
                self.expression(expression, statement, file);
                false
            }
            StatementKind::Return(value) => {
                if let Some(value) = value {
                    self.expression(value, statement, file);
                }
                true
            }
            StatementKind::If {
                branches,
                otherwise,
            } => {
                for branch in branches {
                    match self.holds(&branch.condition) {
                        Some(true) => return self.run(&branch.body, file),
                        Some(false) => {}
                        None => {
                            self.problem(statement, file);
                            return false;
                        }
                    }
                }
                otherwise
                    .as_deref()
                    .is_some_and(|body| self.run(body, file))
            }
            StatementKind::Each {
                variable,
                list,
                body,
            } => {
                let Some(items) = self.items(list) else {
                    self.problem(statement, file);
                    return false;
                };
                for item in items {
                    self.known.insert(variable.clone(), item);
                    if self.run(body, file) {
                        return true;
                    }
                }
                false
            }
            StatementKind::Block(body) => self.run(body, file),
            StatementKind::Unknown(_) => {
                self.problem(statement, file);
                false
            }
            StatementKind::Sub { .. } | StatementKind::Use(_) => false,
        }
    }

    fn items(&self, list: &Expression) -> Option<Vec<String>> {
        match list {
            Expression::List(items) => {
                let mut all = Vec::new();
                for item in items {
                    match item {
                        Expression::List(_) => all.extend(self.items(item)?),
                        item => all.push(self.text(item)?),
                    }
                }
                (all.len() < 1000).then_some(all)
            }
            _ => None,
        }
    }

    fn expression(&mut self, expression: &Expression, statement: &Statement, file: &PerlFile) {
        match expression {
            Expression::Call { name, arguments } if is_load(name) => {
                match arguments.first().and_then(|path| self.text(path)) {
                    Some(path) => self.modules.push(module(&path)),
                    None => self.problem(statement, file),
                }
            }
            Expression::Call { name, .. } | Expression::Word(name) => self.function(name),
            Expression::Binary("=", left, right) => {
                let name = match &**left {
                    Expression::Variable(name) => name.clone(),
                    Expression::Declared(names) if names.len() == 1 => names.concat(),
                    _ => return,
                };
                let name = name.trim_start_matches(['$', '@', '%']).to_owned();
                match self.text(right) {
                    Some(text) => self.known.insert(name, text),
                    None => self.known.remove(&name),
                };
            }
            Expression::Binary("and" | "&&", left, right) => match self.holds(left) {
                Some(true) => self.expression(right, statement, file),
                Some(false) => {}
                None => self.problem(statement, file),
            },
            Expression::Binary("or" | "||", left, right) => match self.holds(left) {
                Some(false) => self.expression(right, statement, file),
                Some(true) => {}
                None => self.problem(statement, file),
            },
            _ => {}
        }
    }

    /// Carries out a function of `main.pm` or of the library.
    fn function(&mut self, name: &str) {
        if self.depth >= DEEPEST_CALL {
            return;
        }
        let name = name.rsplit("::").next().unwrap_or(name);
        let files = self.files.clone();
        for file in files {
            let body = file
                .statements
                .iter()
                .find_map(|statement| match &statement.kind {
                    StatementKind::Sub { name: own, body } if own == name => Some(body),
                    _ => None,
                });
            if let Some(body) = body {
                let known = std::mem::take(&mut self.known);
                self.depth += 1;
                self.run(body, file);
                self.depth -= 1;
                self.known = known;
                return;
            }
        }
    }

    fn text(&self, expression: &Expression) -> Option<String> {
        match expression {
            Expression::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(part) => text.push_str(part),
                        Piece::Variable(name) => text.push_str(self.known.get(name)?),
                        Piece::Unknown => return None,
                    }
                }
                Some(text)
            }
            Expression::Number(number) => Some(number.clone()),
            Expression::Variable(name) => self.known.get(name.trim_start_matches('$')).cloned(),
            Expression::Binary(".", left, right) => Some(self.text(left)? + &self.text(right)?),
            Expression::Call { name, arguments }
                if matches!(name.as_str(), "get_var" | "get_required_var") =>
            {
                let value = self.settings.get(word(arguments.first()?)?).cloned();
                match (value, arguments.get(1)) {
                    (Some(value), _) => Some(value),
                    (None, Some(default)) => self.text(default),
                    (None, None) => Some(String::new()),
                }
            }
            Expression::List(items) => match items.as_slice() {
                [one] => self.text(one),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the value of a condition, if it can be told.
    fn holds(&mut self, condition: &Expression) -> Option<bool> {
        match condition {
            Expression::Unary("!", inner) => Some(!self.holds(inner)?),
            Expression::Binary("&&" | "and", left, right) => {
                match (self.holds(left), self.holds(right)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            Expression::Binary("||" | "or" | "//", left, right) => {
                match (self.holds(left), self.holds(right)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                }
            }
            Expression::Binary("eq" | "==", left, right) => {
                Some(self.text(left)? == self.text(right)?)
            }
            Expression::Binary("ne" | "!=", left, right) => {
                Some(self.text(left)? != self.text(right)?)
            }
            Expression::Binary("=~", left, right) => {
                let text = self.text(left)?;
                let Expression::Pattern { pieces, flags } = &**right else {
                    return None;
                };
                let [Piece::Text(pattern)] = pieces.as_slice() else {
                    return None;
                };
                let pattern = match flags.contains('i') {
                    true => format!("(?i){pattern}"),
                    false => pattern.clone(),
                };
                Some(regex::Regex::new(&pattern).ok()?.is_match(&text))
            }
            Expression::Call { name, arguments } if name == "check_var" => {
                let value = self.settings.get(word(arguments.first()?)?);
                let wanted = self.text(arguments.get(1)?)?;
                Some(value.is_some_and(|value| *value == wanted))
            }
            Expression::Call { name, arguments } if name == "defined" => {
                Some(self.holds(arguments.first()?)?)
            }
            Expression::Call { name, .. }
                if matches!(name.as_str(), "get_var" | "get_required_var") =>
            {
                let text = self.text(condition)?;
                Some(!text.is_empty() && text != "0")
            }
            Expression::List(items) => match items.as_slice() {
                [one] => self.holds(one),
                _ => None,
            },
            Expression::Number(_) | Expression::Text(_) | Expression::Variable(_) => {
                let text = self.text(condition)?;
                Some(!text.is_empty() && text != "0")
            }
            _ => None,
        }
    }
}

fn is_load(name: &str) -> bool {
    matches!(
        name,
        "loadtest" | "autotest::loadtest" | "main_common::loadtest"
    )
}

/// Returns true if a statement loads a module, or may call a function that does.
fn loads(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::Expression(expression) | StatementKind::Return(Some(expression)) => {
            loads_expression(expression)
        }
        StatementKind::If {
            branches,
            otherwise,
        } => {
            branches.iter().any(|branch| branch.body.iter().any(loads))
                || otherwise.iter().flatten().any(loads)
        }
        StatementKind::Each { body, .. } | StatementKind::Block(body) => body.iter().any(loads),
        // What is not read may load one.
        StatementKind::Unknown(body) => body.is_empty() || body.iter().any(loads),
        StatementKind::Sub { .. } | StatementKind::Use(_) | StatementKind::Return(None) => false,
    }
}

fn loads_expression(expression: &Expression) -> bool {
    match expression {
        Expression::Call { name, .. } | Expression::Word(name) => name.contains("load"),
        Expression::Binary(_, left, right) => loads_expression(left) || loads_expression(right),
        _ => false,
    }
}
