//! Tells a module as the steps of a scenario.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Todo, has_step};
use super::facts::{Facts, Uses};
use crate::finding::Source;
use crate::openqa::perl::{Comment, Expression, PerlFile, Statement, StatementKind};
use crate::scenario::Scenario;

/// What is known of a variable of the module.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    /// Its text.
    Text(String),
    /// The name of the variable of the scenario that has its value.
    Variable(String),
}

/// The greatest number of entries that a module may become: functions can call functions.
const MOST_ENTRIES: usize = 5000;
/// The greatest depth of groups and loops inside each other: files of YAML have a limit, too.
const DEEPEST_NESTING: usize = 12;

/// Numbers about what was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::openqa) struct Tally {
    /// Calls and other statements that became steps.
    pub(in crate::openqa) told: usize,
    /// Those that became a comment.
    pub(in crate::openqa) left: usize,
}

/// Tells the statements of one file.
pub(super) struct Writer<'a> {
    pub(super) facts: &'a Facts,
    pub(super) uses: &'a mut Uses,
    pub(super) file: &'a PerlFile,
    /// Variables of the module, without sigils.
    pub(super) known: BTreeMap<String, Known>,
    /// Those of the whole file.
    pub(super) top: BTreeMap<String, Known>,
    /// Variables that get a value more than once.
    pub(super) changing: BTreeSet<String>,
    /// The tags that were looked for last.
    pub(super) looked_for: Option<Vec<String>>,
    /// Where the pointer was put last.
    pub(super) pointer: Option<(u32, u32)>,
    /// The user of commands, if it is not root.
    pub(super) user: bool,
    /// Functions whose bodies are being told.
    pub(super) calls: Vec<String>,
    entries: usize,
    nesting: usize,
    /// Branches and loops around the statement, in its function.
    pub(super) blocks: usize,
    pub(super) tally: Tally,
    reason: Option<String>,
    /// Remarks about the statement that is being told.
    pub(super) remarks: Vec<Entry>,
    /// The line up to which comments were taken.
    pub(super) comments_to: usize,
    /// The line of the statement that is being told.
    line: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(facts: &'a Facts, uses: &'a mut Uses, file: &'a PerlFile) -> Self {
        Self {
            facts,
            uses,
            file,
            known: BTreeMap::new(),
            top: BTreeMap::new(),
            changing: BTreeSet::new(),
            looked_for: None,
            pointer: None,
            user: false,
            calls: Vec::new(),
            entries: 0,
            nesting: 0,
            blocks: 0,
            tally: Tally::default(),
            reason: None,
            remarks: Vec::new(),
            comments_to: 0,
            line: 0,
        }
    }

    /// Adds a remark about the statement that is being told.
    pub(super) fn remark(&mut self, source: String) {
        let remark = Todo {
            file: self.file.path.clone(),
            line: self.line,
            source: vec![source],
            reason: None,
            inside: Vec::new(),
            end: None,
        };
        self.remarks.push(Entry::Todo(remark));
    }

    /// Counts a statement that became a step.
    pub(super) fn told_one(&mut self) {
        self.tally.told += 1;
    }

    /// Says why the statement that is being told cannot be told. The first reason stays.
    pub(super) fn because(&mut self, reason: impl Into<String>) {
        self.reason.get_or_insert(reason.into());
    }

    /// Takes only comments after this line.
    pub(super) fn begin_comments_at(&mut self, line: usize) {
        self.comments_to = line;
    }

    /// Tells statements one after the other.
    pub(super) fn statements(&mut self, statements: &[Statement]) -> Vec<Entry> {
        let mut out = Vec::new();
        let mut rest = statements;
        while let Some((statement, after)) = rest.split_first() {
            rest = after;
            self.line = statement.line;
            self.comments(statement.line, &mut out);
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                // This one and all that follow it.
                let end = statements
                    .last()
                    .map_or(statement.at.end, |last| last.at.end);
                let all = Statement {
                    kind: StatementKind::Return(None),
                    line: statement.line,
                    at: statement.at.start..end,
                };
                self.because("too much for one scenario");
                out.push(self.left(&all, Vec::new()));
                break;
            }
            if let StatementKind::Return(value) = &statement.kind {
                self.returned(statement, value.as_ref(), &mut out);
                break;
            }
            if let Some(mut told) = self.early_return(statement, after) {
                out.append(&mut told);
                break;
            }
            if let Some((held, after)) = self.held(statement, after) {
                out.push(held);
                rest = after;
                continue;
            }
            self.statement(statement, &mut out);
        }
        out
    }

    /// Tells a `return`. At the end of a module it means nothing; inside a block it would keep the rest from running.
    fn returned(
        &mut self,
        statement: &Statement,
        value: Option<&Expression>,
        out: &mut Vec<Entry>,
    ) {
        if let Some(value) = value {
            self.simple(statement, value, out);
        }
        if self.blocks > 0 {
            self.because("what follows the block does not run then");
            out.push(self.left(statement, Vec::new()));
        }
    }

    /// Tells something that is one level deeper. Returns `None`, with the reason, where that is too deep.
    pub(super) fn nested<T>(&mut self, tell: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.nesting >= DEEPEST_NESTING {
            self.because("too many blocks inside each other");
            return None;
        }
        self.nesting += 1;
        let told = tell(self);
        self.nesting -= 1;
        Some(told)
    }

    /// Adds the comments of the source before a line.
    fn comments(&mut self, line: usize, out: &mut Vec<Entry>) {
        if !self.calls.is_empty() {
            return;
        }
        let from = self.comments_to;
        // A comment behind a statement comes before its step.
        let is_before =
            |comment: &&Comment| comment.line < line || (comment.line == line && !comment.own_line);
        let since = (self.file.comments.iter()).filter(|comment| comment.line > from);
        for comment in since.filter(is_before) {
            let is_empty = comment.text.trim_matches('#').trim().is_empty();
            let is_for_tools =
                comment.text.starts_with("## no critic") || comment.text.starts_with("#!");
            if !is_empty && !is_for_tools {
                out.push(Entry::Comment(comment.text.clone()));
            }
        }
        self.comments_to = self.comments_to.max(line);
    }

    fn statement(&mut self, statement: &Statement, out: &mut Vec<Entry>) {
        match &statement.kind {
            StatementKind::If { .. } | StatementKind::Each { .. } | StatementKind::Block(_) => {
                match self.nested(|writer| writer.block(statement)) {
                    Some(mut told) => out.append(&mut told),
                    None => {
                        self.forget_assigned(statement);
                        out.push(self.left(statement, Vec::new()));
                    }
                }
            }
            StatementKind::Expression(expression) => self.simple(statement, expression, out),
            StatementKind::Unknown(inside) => {
                let inside = self
                    .nested(|writer| writer.untold(inside))
                    .unwrap_or_default();
                self.forget_assigned(statement);
                if !inside.is_empty() {
                    self.because("how often it runs is not known");
                }
                out.push(self.left(statement, inside));
            }
            // They are told where they are called.
            StatementKind::Sub { .. } | StatementKind::Use(_) | StatementKind::Return(_) => {}
        }
    }

    /// Tells a statement with statements in it.
    fn block(&mut self, statement: &Statement) -> Vec<Entry> {
        self.blocks += 1;
        let told = match &statement.kind {
            StatementKind::If {
                branches,
                otherwise,
            } => self.branches(statement, branches, otherwise.as_deref()),
            StatementKind::Each {
                variable,
                list,
                body,
            } => self.each(statement, variable, list, body),
            StatementKind::Block(body) => self.statements(body),
            StatementKind::Expression(_)
            | StatementKind::Sub { .. }
            | StatementKind::Use(_)
            | StatementKind::Return(_)
            | StatementKind::Unknown(_) => Vec::new(),
        };
        self.blocks -= 1;
        told
    }

    /// Tells a statement that is one expression.
    fn simple(&mut self, statement: &Statement, expression: &Expression, out: &mut Vec<Entry>) {
        self.reason = None;
        let remarks_before = std::mem::take(&mut self.remarks);
        let user = self.user;
        let told = self.expression(expression, out);
        let told = told.filter(|entries| self.can_be_read(entries));
        let mut remarks = std::mem::replace(&mut self.remarks, remarks_before);
        match told {
            Some(mut entries) => {
                self.tally.told += 1;
                out.append(&mut remarks);
                out.append(&mut entries);
            }
            None => {
                self.user = user;
                self.forget_assigned(statement);
                out.push(self.left(statement, Vec::new()));
            }
        }
    }

    /// Returns true if steps can be read as they would be written. The last guard before a file that is wrong.
    pub(super) fn can_be_read(&mut self, entries: &[Entry]) -> bool {
        if !has_step(entries) {
            return true;
        }
        let mut lines = vec!["steps:".to_owned()];
        super::entry::write(entries, 2, &mut lines);
        let (_, findings) =
            Scenario::read(&Source::new("scenarios/a.yaml", lines.join("\n") + "\n"));
        let Some(finding) = findings.iter().find(|finding| finding.is_error()) else {
            return true;
        };
        self.because(finding.message.clone());
        false
    }

    /// Returns the entry of a statement that cannot be told, with the steps inside it.
    pub(super) fn left(&mut self, statement: &Statement, inside: Vec<Entry>) -> Entry {
        let source = self.file.source(&statement.at);
        let mut source: Vec<String> = source.into_iter().map(str::to_owned).collect();
        let mut end = None;
        if has_step(&inside) && source.len() > 1 {
            end = source.pop();
            source.truncate(1);
        }
        self.tally.left += 1;
        Entry::Todo(Todo {
            file: self.file.path.clone(),
            line: statement.line,
            source,
            reason: self.reason.take(),
            end,
            inside,
        })
    }

    /// Tells statements of which it is not known if they run. They do not count as told.
    pub(super) fn untold(&mut self, statements: &[Statement]) -> Vec<Entry> {
        let (before, reason) = (self.tally.told, self.reason.take());
        self.blocks += 1;
        let told = self.statements(statements);
        self.blocks -= 1;
        self.reason = reason;
        self.tally.left += self.tally.told - before;
        self.tally.told = before;
        self.looked_for = None;
        self.pointer = None;
        told
    }

    /// Forgets the variables that a statement assigns, for it was not told.
    pub(super) fn forget_assigned(&mut self, statement: &Statement) {
        let mut names = Vec::new();
        super::assigned::names(statement, &mut names);
        for name in names {
            self.known.remove(&name);
        }
    }
}
