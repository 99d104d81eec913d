//! Reads `if` and `for` with their blocks.

use super::expression::{Expression, Piece};
use super::parser::{NotUnderstood, Parser, Understood};
use super::statement::{Branch, StatementKind};
use super::token::TokenKind;

/// The greatest number of `elsif` of one `if`.
const MOST_BRANCHES: usize = 30;

impl Parser<'_> {
    pub(super) fn condition(&mut self) -> Understood<StatementKind> {
        let mut branches = Vec::new();
        let mut otherwise = None;
        loop {
            let (line, start) = self.place();
            let keyword = match self.word() {
                Some("unless") => "unless",
                Some("elsif") => "elsif",
                _ => "if",
            };
            self.next += 1;
            let condition = self.deeper(Self::parenthesized)?;
            let head = self.since(start);
            branches.push(Branch {
                keyword,
                condition: match keyword == "unless" {
                    true => Expression::Unary("!", Box::new(condition)),
                    false => condition,
                },
                body: self.block()?,
                line,
                head,
            });
            match self.word() {
                Some("elsif") if branches.len() >= MOST_BRANCHES => return Err(NotUnderstood),
                Some("elsif") => {}
                Some("else") => {
                    self.next += 1;
                    otherwise = Some(self.block()?);
                    break;
                }
                _ => break,
            }
        }
        Ok(StatementKind::If {
            branches,
            otherwise,
        })
    }

    pub(super) fn each(&mut self) -> Understood<StatementKind> {
        self.next += 1;
        if matches!(self.word(), Some("my" | "our" | "state")) {
            self.next += 1;
        }
        let mut variable = "_".to_owned();
        if let Some(TokenKind::Variable(name)) = self.peek() {
            variable = name.trim_start_matches('$').to_owned();
            self.next += 1;
        }
        let before = self.next;
        match self.deeper(Self::list_of_loop) {
            Ok(list) => {
                let body = self.block()?;
                Ok(StatementKind::Each {
                    variable,
                    list,
                    body,
                })
            }
            // A loop that counts: `for (my $i = 0; ...; ...)`.
            Err(NotUnderstood) => {
                self.next = before;
                self.balanced()?;
                Ok(StatementKind::Unknown(self.block()?))
            }
        }
    }

    fn list_of_loop(&mut self) -> Understood<Expression> {
        if let Some(TokenKind::Words(words)) = self.peek() {
            self.next += 1;
            let text = |word: &String| Expression::Text(vec![Piece::Text(word.clone())]);
            return Ok(Expression::List(words.iter().map(text).collect()));
        }
        self.parenthesized()
    }
}
