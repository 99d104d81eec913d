//! Parses a condition by recursive descent.

use super::expression::Expression;
use super::token::{Token, tokens};
use crate::finding::{Code, Diagnostic, Span};
use crate::value::Pattern;

/// The greatest depth of parentheses and `not` inside each other.
const DEEPEST: usize = 32;

/// Reads a condition.
pub(super) fn parse(text: &str, at: &Span) -> Result<Expression, Diagnostic> {
    let tokens = tokens(text, at)?;
    let mut parser = Parser {
        tokens: &tokens,
        next: 0,
        depth: 0,
        end: at.part(text, text.len()..text.len()),
    };
    let expression = parser.or()?;
    match parser.tokens.get(parser.next) {
        Some(_) => Err(parser.expected("`and`, `or` or the end")),
        None => Ok(expression),
    }
}

struct Parser<'t> {
    tokens: &'t [(Token, Span)],
    next: usize,
    depth: usize,
    end: Span,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn at(&self) -> &Span {
        self.tokens.get(self.next).map_or(&self.end, |(_, at)| at)
    }

    fn expected(&self, what: &str) -> Diagnostic {
        let found = match self.tokens.get(self.next) {
            Some((_, at)) => format!("`{}`", at.text()),
            None => "the end".to_owned(),
        };
        Diagnostic::new(
            Code::Condition,
            self.at(),
            format!("expected {what}, found {found}"),
        )
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.next += usize::from(found);
        found
    }

    fn mark(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(&Token::Mark(mark));
        self.next += usize::from(found);
        found
    }

    fn close(&mut self, mark: char) -> Result<(), Diagnostic> {
        if self.mark(mark) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{mark}`")))
        }
    }

    fn deeper(&mut self) -> Result<(), Diagnostic> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Diagnostic::new(
                Code::Condition,
                self.at(),
                format!("nested too deeply: more than {DEEPEST} levels"),
            ));
        }
        Ok(())
    }

    fn or(&mut self) -> Result<Expression, Diagnostic> {
        self.chain("or", Self::and, Expression::Or)
    }

    fn and(&mut self) -> Result<Expression, Diagnostic> {
        self.chain("and", Self::not, Expression::And)
    }

    fn chain(
        &mut self,
        word: &str,
        inner: fn(&mut Self) -> Result<Expression, Diagnostic>,
        join: fn(Box<Expression>, Box<Expression>) -> Expression,
    ) -> Result<Expression, Diagnostic> {
        let mut left = inner(self)?;
        let mut length = 1;
        while self.word(word) {
            // The tree of a chain leans to the left and is walked recursively.
            length += 1;
            if length > 8 * DEEPEST {
                return Err(Diagnostic::new(
                    Code::Condition,
                    self.at(),
                    format!("too many `{word}` in a row"),
                ));
            }
            left = join(Box::new(left), Box::new(inner(self)?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expression, Diagnostic> {
        if !self.word("not") {
            return self.test();
        }
        self.deeper()?;
        let inner = self.not()?;
        self.depth -= 1;
        Ok(Expression::Not(Box::new(inner)))
    }

    fn test(&mut self) -> Result<Expression, Diagnostic> {
        let left = self.value()?;
        match self.peek() {
            Some(Token::Equal) => {
                self.next += 1;
                Ok(Expression::Equal(Box::new(left), Box::new(self.value()?)))
            }
            Some(Token::NotEqual) => {
                self.next += 1;
                let equal = Expression::Equal(Box::new(left), Box::new(self.value()?));
                Ok(Expression::Not(Box::new(equal)))
            }
            Some(Token::Word(word)) if word == "in" => {
                self.next += 1;
                Ok(Expression::In(Box::new(left), Box::new(self.list()?)))
            }
            Some(Token::Word(word)) if word == "not" => {
                self.next += 1;
                if !self.word("in") {
                    return Err(self.expected("`in` after `not`"));
                }
                let inside = Expression::In(Box::new(left), Box::new(self.list()?));
                Ok(Expression::Not(Box::new(inside)))
            }
            Some(Token::Word(word)) if word == "matches" => {
                self.next += 1;
                let pattern = self.regex()?;
                Ok(Expression::Matches(Box::new(left), pattern))
            }
            _ => Ok(left),
        }
    }

    fn regex(&mut self) -> Result<Pattern, Diagnostic> {
        let Some(Token::Regex(text)) = self.peek() else {
            return Err(self.expected("`/regex/`"));
        };
        let pattern = Pattern::new(text).map_err(|problem| {
            Diagnostic::new(
                Code::Condition,
                self.at(),
                format!("not a regular expression: {problem}"),
            )
        })?;
        self.next += 1;
        Ok(pattern)
    }

    fn list(&mut self) -> Result<Expression, Diagnostic> {
        if self.mark('[') {
            let mut items = Vec::new();
            while !self.mark(']') {
                items.push(self.value()?);
                if !self.mark(',') && self.peek() != Some(&Token::Mark(']')) {
                    return Err(self.expected("`,` or `]`"));
                }
            }
            return Ok(Expression::List(items));
        }
        match self.peek() {
            Some(Token::Word(_)) => self.value(),
            _ => Err(self.expected("a list")),
        }
    }

    fn value(&mut self) -> Result<Expression, Diagnostic> {
        let Some((token, at)) = self.tokens.get(self.next) else {
            return Err(self.expected("a value"));
        };
        let value = match token {
            Token::Text(text) | Token::Number(text) => Expression::Text(text.clone()),
            Token::Word(word) => match word.as_str() {
                "true" | "false" => Expression::Text(word.clone()),
                "and" | "or" | "not" | "in" | "matches" => return Err(self.expected("a value")),
                "seen" => {
                    self.next += 1;
                    return self.seen();
                }
                _ => Expression::Variable {
                    name: word.clone(),
                    at: at.clone(),
                },
            },
            Token::Mark('(') => {
                self.next += 1;
                self.deeper()?;
                let inner = self.or()?;
                self.depth -= 1;
                self.close(')')?;
                return Ok(inner);
            }
            Token::Regex(_) | Token::Equal | Token::NotEqual | Token::Mark(_) => {
                return Err(self.expected("a value"));
            }
        };
        self.next += 1;
        Ok(value)
    }

    fn seen(&mut self) -> Result<Expression, Diagnostic> {
        if !self.mark('(') {
            return Err(self.expected("`(`"));
        }
        let Some((Token::Word(tag) | Token::Text(tag), at)) = self.tokens.get(self.next) else {
            return Err(self.expected("a tag"));
        };
        let seen = Expression::Seen {
            tag: tag.clone(),
            at: at.clone(),
        };
        self.next += 1;
        self.close(')')?;
        Ok(seen)
    }
}
