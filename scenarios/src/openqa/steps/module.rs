//! One test module: its steps, its flags, and what openQA runs around it.

use std::collections::BTreeMap;

use super::arguments::word;
use super::assigned;
use super::entry::{Entry, Todo};
use super::facts::{Facts, Uses};
use super::writer::{Tally, Writer};
use crate::openqa::perl::{Expression, PerlFile, Statement, StatementKind};

/// The flags of a module that decide what runs after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::openqa) struct Flags {
    pub(in crate::openqa) fatal: bool,
    pub(in crate::openqa) milestone: bool,
    pub(in crate::openqa) always_rollback: bool,
    pub(in crate::openqa) ignore_failure: bool,
}

/// A module that was told.
#[derive(Debug)]
pub(in crate::openqa) struct Module {
    pub(in crate::openqa) title: Option<String>,
    pub(in crate::openqa) entries: Vec<Entry>,
    pub(in crate::openqa) flags: Flags,
    pub(in crate::openqa) tally: Tally,
    /// The class that it is made of, whose hooks openQA runs around it.
    pub(in crate::openqa) base: Option<String>,
}

/// Tells a module.
pub(in crate::openqa) fn tell(file: &PerlFile, facts: &Facts, uses: &mut Uses) -> Module {
    let mut assigned = Vec::new();
    for statement in &file.statements {
        assigned::names(statement, &mut assigned);
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for name in assigned {
        *times.entry(name).or_default() += 1;
    }
    let mut writer = Writer::new(facts, uses, file);
    writer.changing = times
        .into_iter()
        .filter(|(_, times)| *times > 1)
        .map(|(name, _)| name)
        .collect();
    let mut entries = Vec::new();
    let mut rest = Vec::new();
    let mut flags = Flags::default();
    let mut base = None;
    let mut has_run = false;
    for statement in &file.statements {
        match &statement.kind {
            StatementKind::Use(words) => base = base.or(base_class(words)),
            StatementKind::Sub { name, body } => match name.as_str() {
                "run" => {
                    has_run = true;
                    writer.top = writer.known.clone();
                    writer.begin_comments_at(statement.line);
                    entries.extend(writer.statements(body));
                }
                "test_flags" => flags = read_flags(body),
                name if name.ends_with("_hook") => rest.push(hook(&mut writer, statement, body)),
                _ => {}
            },
            // Variables of the whole file.
            StatementKind::Expression(Expression::Binary("=", ..)) if !has_run => {
                writer.begin_comments_at(statement.line);
                entries.extend(writer.statements(std::slice::from_ref(statement)));
            }
            StatementKind::Expression(Expression::Number(_)) => {}
            _ => {
                writer.begin_comments_at(statement.line);
                entries.extend(writer.statements(std::slice::from_ref(statement)));
            }
        }
    }
    if !has_run {
        entries.push(Entry::Comment(format!("# {} has no `sub run`", file.path)));
    }
    entries.extend(rest);
    Module {
        title: file.summary(),
        entries,
        flags,
        tally: writer.tally,
        base,
    }
}

fn hook(writer: &mut Writer<'_>, statement: &Statement, body: &[Statement]) -> Entry {
    writer.begin_comments_at(statement.line);
    let inside = writer.untold(body);
    writer.because(
        "openQA runs it around the module, or after a failure; a scenario has no such place",
    );
    match writer.left(statement, inside) {
        Entry::Todo(todo) => Entry::Todo(Todo { ..todo }),
        other => other,
    }
}

/// Returns the class of `use base 'x'`, `use parent 'x'` or `use Mojo::Base 'x'`.
fn base_class(words: &[String]) -> Option<String> {
    let [first, how, rest @ ..] = words else {
        return None;
    };
    let is_base = first == "use" && matches!(how.as_str(), "base" | "parent" | "Mojo::Base");
    let class = rest.iter().find(|word| !word.starts_with('-'))?;
    is_base.then(|| class.clone())
}

/// Reads `return {fatal => 1, milestone => 1};`
fn read_flags(body: &[Statement]) -> Flags {
    let mut flags = Flags::default();
    let value = body
        .iter()
        .rev()
        .find_map(|statement| match &statement.kind {
            StatementKind::Return(Some(value)) | StatementKind::Expression(value) => Some(value),
            // `{ fatal => 1 }` alone is read as a block.
            _ => None,
        });
    let Some(Expression::Hash(items)) = value else {
        return flags;
    };
    for pair in items.chunks(2) {
        let [name, value] = pair else {
            continue;
        };
        let is_on = matches!(value, Expression::Number(number) if number != "0");
        match word(name) {
            Some("fatal") => flags.fatal = is_on,
            Some("milestone") => flags.milestone = is_on,
            Some("always_rollback") => flags.always_rollback = is_on,
            Some("ignore_failure") => flags.ignore_failure = is_on,
            _ => {}
        }
    }
    flags
}
