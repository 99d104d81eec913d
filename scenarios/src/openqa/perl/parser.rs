//! Reads tokens into statements.

use std::ops::Range;

use super::expression::Expression;
use super::statement::{Branch, Statement, StatementKind};
use super::token::{Token, TokenKind};

/// The greatest depth of blocks and brackets.
const DEEPEST: usize = 60;
/// The greatest height of the tree of an expression: `a . b . c` is as high as it is long.
const HIGHEST: usize = 300;
/// How often a token may begin something, on average.
const MOST_WORK: usize = 50;

/// Reads all statements of a file. What is not understood becomes a statement, too.
pub(super) fn statements(tokens: &[Token]) -> Vec<Statement> {
    let mut parser = Parser {
        tokens,
        next: 0,
        depth: 0,
        height: 0,
        peak: 0,
        work: 0,
    };
    let mut all = Vec::new();
    while parser.next < tokens.len() {
        all.extend(parser.statement());
        // A `}` of nothing.
        if parser.mark("}") {
            continue;
        }
    }
    all
}

/// The reader cannot go on with the statement.
#[derive(Debug)]
pub(super) struct NotUnderstood;

pub(super) type Understood<T> = Result<T, NotUnderstood>;

pub(super) struct Parser<'t> {
    tokens: &'t [Token],
    pub(super) next: usize,
    depth: usize,
    /// The height of the expression that was read last.
    height: usize,
    /// The greatest height in the statement.
    peak: usize,
    /// How often something was begun. What is not understood may be read again in parts: with brackets that do not
    /// match, twice as often at each level.
    work: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn peek(&self) -> Option<&'t TokenKind> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&'t TokenKind> {
        self.tokens.get(self.next + ahead).map(|token| &token.kind)
    }

    pub(super) fn advance(&mut self) {
        self.next += 1;
    }

    pub(super) fn is_mark(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(TokenKind::Mark(found)) if *found == mark)
    }

    /// Takes this mark, if it is the next one.
    pub(super) fn mark(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        self.next += usize::from(found);
        found
    }

    pub(super) fn need(&mut self, mark: &str) -> Understood<()> {
        self.mark(mark).then_some(()).ok_or(NotUnderstood)
    }

    pub(super) fn word(&self) -> Option<&'t str> {
        match self.peek() {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Goes one level deeper, if that is not too deep.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Understood<T>,
    ) -> Understood<T> {
        self.work += 1;
        if self.depth >= DEEPEST || self.work > MOST_WORK * (self.tokens.len() + 1) {
            return Err(NotUnderstood);
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// Says how high the expression is that was read last. One that is too high is not understood: whoever walks it
    /// would need too much stack.
    pub(super) fn set_height(&mut self, height: usize) -> Understood<()> {
        self.height = height;
        self.peak = self.peak.max(height);
        (height <= HIGHEST).then_some(()).ok_or(NotUnderstood)
    }

    pub(super) fn place(&self) -> (usize, usize) {
        let token = self.tokens.get(self.next).or(self.tokens.last());
        token.map_or((1, 0), |token| (token.line, token.at.start))
    }

    /// Returns the bytes from a place to the last token that was taken.
    pub(super) fn since(&self, start: usize) -> Range<usize> {
        let last = self
            .next
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last));
        start..last.map_or(start, |token| token.at.end).max(start)
    }

    /// Reads a statement. Returns `None` for an empty one.
    pub(super) fn statement(&mut self) -> Option<Statement> {
        if self.mark(";") || self.is_mark("}") || self.peek().is_none() {
            return None;
        }
        let ((line, start), first, depth) = (self.place(), self.next, self.depth);
        let outer = std::mem::take(&mut self.peak);
        let kind = match self.deeper(Self::kind) {
            Ok(kind) => kind,
            Err(NotUnderstood) => {
                (self.next, self.depth, self.peak) = (first, depth, 0);
                self.skip();
                StatementKind::Unknown(Vec::new())
            }
        };
        self.height = self.peak;
        self.peak = self.peak.max(outer);
        let at = self.since(start);
        Some(Statement { kind, line, at })
    }

    /// Skips to the end of a statement: a `;` or the end of the block around it.
    fn skip(&mut self) {
        let mut open: Vec<&str> = Vec::new();
        while let Some(kind) = self.peek() {
            match kind {
                TokenKind::Mark(mark @ ("{" | "(" | "[")) => open.push(mark),
                TokenKind::Mark("}") => {
                    // Other brackets that are open in the block are never closed.
                    let Some(block) = open.iter().rposition(|mark| *mark == "{") else {
                        return;
                    };
                    open.truncate(block);
                }
                TokenKind::Mark(")") if open.last() == Some(&"(") => {
                    open.pop();
                }
                TokenKind::Mark("]") if open.last() == Some(&"[") => {
                    open.pop();
                }
                TokenKind::Mark(";") if !open.contains(&"{") => {
                    self.next += 1;
                    return;
                }
                _ => {}
            }
            self.next += 1;
        }
    }

    fn kind(&mut self) -> Understood<StatementKind> {
        if self.is_mark("{") {
            return Ok(StatementKind::Block(self.block()?));
        }
        let followed_by =
            |mark: &str| matches!(self.peek_at(1), Some(TokenKind::Mark(found)) if *found == mark);
        match self.word() {
            Some("if" | "unless") if followed_by("(") => self.condition(),
            Some("for" | "foreach") => self.each(),
            Some("while" | "until") if followed_by("(") => {
                self.next += 1;
                self.deeper(Self::parenthesized)?;
                Ok(StatementKind::Unknown(self.block()?))
            }
            Some("sub") if matches!(self.peek_at(1), Some(TokenKind::Word(_))) => {
                self.next += 1;
                let name = self.word().unwrap_or_default().to_owned();
                self.next += 1;
                // A signature.
                if self.is_mark("(") {
                    self.balanced()?;
                }
                let body = self.block()?;
                Ok(StatementKind::Sub { name, body })
            }
            Some("package" | "use" | "no") => Ok(self.directive()),
            Some("BEGIN" | "END") if followed_by("{") => {
                self.next += 1;
                Ok(StatementKind::Unknown(self.block()?))
            }
            _ => self.simple(),
        }
    }

    /// Reads a block with its brackets.
    pub(super) fn block(&mut self) -> Understood<Vec<Statement>> {
        self.need("{")?;
        let mut all = Vec::new();
        let mut highest = 0;
        while !self.mark("}") {
            if self.peek().is_none() {
                return Err(NotUnderstood);
            }
            all.extend(self.statement());
            highest = highest.max(self.height);
        }
        self.set_height(highest + 1)?;
        Ok(all)
    }

    pub(super) fn parenthesized(&mut self) -> Understood<Expression> {
        self.need("(")?;
        let inner = self.expression(0)?;
        self.need(")")?;
        Ok(inner)
    }

    /// Takes brackets and everything in them.
    pub(super) fn balanced(&mut self) -> Understood<()> {
        let mut depth = 0_usize;
        while let Some(kind) = self.peek() {
            self.next += 1;
            match kind {
                TokenKind::Mark("{" | "(" | "[") => depth += 1,
                TokenKind::Mark("}" | ")" | "]") if depth <= 1 => return Ok(()),
                TokenKind::Mark("}" | ")" | "]") => depth -= 1,
                _ => {}
            }
        }
        Err(NotUnderstood)
    }

    fn directive(&mut self) -> StatementKind {
        let mut words = Vec::new();
        while let Some(kind) = self.peek() {
            self.next += 1;
            match kind {
                TokenKind::Mark(";") => break,
                TokenKind::Word(word) => words.push(word.clone()),
                TokenKind::Words(more) => words.extend(more.iter().cloned()),
                TokenKind::Text(pieces) => {
                    let texts = pieces.iter().filter_map(|piece| match piece {
                        super::Piece::Text(text) => Some(text.as_str()),
                        super::Piece::Variable(_) | super::Piece::Unknown => None,
                    });
                    words.push(texts.collect());
                }
                _ => {}
            }
        }
        StatementKind::Use(words)
    }

    /// Reads an expression with its modifier, up to the end of the statement.
    fn simple(&mut self) -> Understood<StatementKind> {
        let ((line, start), is_return) = (self.place(), self.word() == Some("return"));
        let ends = |parser: &Self| {
            parser.peek().is_none()
                || parser.is_mark(";")
                || parser.is_mark("}")
                || parser.modifier().is_some()
        };
        let mut kind = if is_return {
            self.next += 1;
            let value = if ends(self) {
                None
            } else {
                Some(self.expression(0)?)
            };
            StatementKind::Return(value)
        } else {
            StatementKind::Expression(self.expression(0)?)
        };
        if let Some(modifier) = self.modifier() {
            let at = self.since(start);
            let inner = Statement {
                kind,
                line,
                at: at.clone(),
            };
            self.next += 1;
            let (line_of, from) = self.place();
            let condition = self.expression(0)?;
            let head = from..self.since(from).end;
            let branch = |condition| StatementKind::If {
                branches: vec![Branch {
                    keyword: if modifier == "unless" { "unless" } else { "if" },
                    condition,
                    body: vec![inner.clone()],
                    line: line_of,
                    head,
                }],
                otherwise: None,
            };
            kind = match modifier {
                "if" => branch(condition),
                "unless" => branch(Expression::Unary("!", Box::new(condition))),
                "for" | "foreach" => StatementKind::Each {
                    variable: "_".to_owned(),
                    list: condition,
                    body: vec![inner],
                },
                _ => StatementKind::Unknown(vec![inner]),
            };
        }
        // A statement ends with `;`, or with the block around it.
        if self.mark(";") || self.is_mark("}") || self.peek().is_none() {
            return Ok(kind);
        }
        Err(NotUnderstood)
    }

    fn modifier(&self) -> Option<&'static str> {
        match self.word()? {
            "if" => Some("if"),
            "unless" => Some("unless"),
            "for" => Some("for"),
            "foreach" => Some("foreach"),
            "while" => Some("while"),
            "until" => Some("until"),
            _ => None,
        }
    }
}
