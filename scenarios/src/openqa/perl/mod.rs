//! A reader for the part of Perl that test modules are written in: tokens, expressions, statements.
//!
//! It runs nothing. Whatever it does not know becomes a [`Statement`] of the kind `Unknown`, with its place, and
//! reading goes on after it.

mod blocks;
mod expression;
mod interpolate;
mod lexer;
mod operators;
mod parser;
mod quotes;
mod statement;
mod terms;
mod token;

pub(super) use expression::{Expression, Piece};
pub(super) use statement::{Branch, Statement, StatementKind};
pub(super) use token::Comment;

use std::ops::Range;

/// Longer files are not test modules.
const LONGEST: usize = 1 << 20;

/// A file of Perl.
#[derive(Debug)]
pub(super) struct PerlFile {
    /// The path, relative to the distribution.
    pub(super) path: String,
    text: String,
    pub(super) statements: Vec<Statement>,
    pub(super) comments: Vec<Comment>,
}

impl PerlFile {
    /// Reads a file. Bytes that are not text are replaced. A file that is too long has no statements.
    pub(super) fn read(path: &str, bytes: &[u8]) -> Self {
        let text = match bytes.len() {
            0..=LONGEST => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        let (tokens, comments) = lexer::tokens(&text);
        let statements = parser::statements(&tokens);
        Self {
            path: path.to_owned(),
            statements,
            comments,
            text,
        }
    }

    /// Returns the lines of the source in a range of bytes, without the indent that all have.
    pub(super) fn source(&self, at: &Range<usize>) -> Vec<&str> {
        let text = self.text.get(at.clone()).unwrap_or_default();
        let mut lines = text.lines();
        let first = lines.next().map(str::trim).into_iter();
        let rest: Vec<&str> = lines.collect();
        let filled = rest.iter().filter(|line| !line.trim().is_empty());
        let least = filled.map(|line| indent(line)).min().unwrap_or(0);
        let others = rest.into_iter().map(|line| unindented(line, least));
        first.chain(others).collect()
    }

    /// Returns the text of the comment in the first lines that says what the module is for.
    pub(super) fn summary(&self) -> Option<String> {
        self.comments.iter().find_map(|comment| {
            let text = comment.text.trim_start_matches('#').trim();
            let said = text.strip_prefix("Summary:")?.trim();
            (!said.is_empty()).then(|| said.to_owned())
        })
    }
}

/// Returns the length of the spaces before a line, in bytes.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn unindented(line: &str, most: usize) -> &str {
    let cut = line.get(most.min(indent(line))..);
    cut.unwrap_or(line).trim_end()
}
