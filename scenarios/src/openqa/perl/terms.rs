//! Reads expressions.

use super::expression::{Expression, Piece};
use super::operators::{ASSIGNMENT, NOT, SIGN, TERNARY, UNARY, WITH_BLOCK, between};
use super::parser::{NotUnderstood, Parser};
use super::token::TokenKind;

type Understood<T> = Result<T, NotUnderstood>;

impl Parser<'_> {
    /// Reads an expression whose operators bind at least this tightly. At 0, commas make a list.
    pub(super) fn expression(&mut self, least: u8) -> Understood<Expression> {
        let first = self.deeper(|parser| parser.operand(least))?;
        if least > 0 || !self.is_comma() {
            return match least {
                0 => self.lower(first),
                _ => Ok(first),
            };
        }
        let mut items = vec![first];
        let mut highest = self.height();
        while self.take_commas() {
            if !self.begins_term() {
                break;
            }
            items.push(self.deeper(|parser| parser.operand(ASSIGNMENT))?);
            highest = highest.max(self.height());
        }
        self.set_height(highest + 1)?;
        self.lower(Expression::List(items))
    }

    /// Reads what follows a list: `and`, `or`.
    fn lower(&mut self, first: Expression) -> Understood<Expression> {
        self.deeper(|parser| parser.operators(first, 0))
    }

    fn is_comma(&self) -> bool {
        self.is_mark(",") || self.is_mark("=>")
    }

    fn take_commas(&mut self) -> bool {
        let mut found = false;
        while self.mark(",") || self.mark("=>") {
            found = true;
        }
        found
    }

    /// Reads a term and the operators after it.
    fn operand(&mut self, least: u8) -> Understood<Expression> {
        // Below a comma, `and` and `or` are left for the list.
        let least = least.max(NOT);
        let first = self.term()?;
        self.operators(first, least)
    }

    fn operators(&mut self, mut left: Expression, least: u8) -> Understood<Expression> {
        loop {
            if self.is_mark("?") && TERNARY >= least {
                self.advance();
                self.expression(ASSIGNMENT)?;
                self.need(":")?;
                self.expression(ASSIGNMENT)?;
                left = Expression::Other;
                continue;
            }
            let Some((name, binding)) = self.peek().and_then(between) else {
                return Ok(left);
            };
            if binding.power < least {
                return Ok(left);
            }
            self.advance();
            let height = self.height();
            let next = binding.power + u8::from(!binding.right);
            let right = self.deeper(|parser| match next {
                0..NOT => parser.operand_of_word(next),
                next => parser.operand(next),
            })?;
            self.set_height(height.max(self.height()) + 1)?;
            left = Expression::Binary(name, Box::new(left), Box::new(right));
        }
    }

    /// Reads the right side of `and` or `or`.
    fn operand_of_word(&mut self, least: u8) -> Understood<Expression> {
        // `... or return;`
        if matches!(self.word(), Some("return" | "last" | "next")) && !self.begins_term_at(1) {
            self.advance();
            return Ok(Expression::Other);
        }
        let first = self.term()?;
        self.operators(first, least)
    }

    fn term(&mut self) -> Understood<Expression> {
        let first = self.primary()?;
        self.suffixes(first)
    }

    fn primary(&mut self) -> Understood<Expression> {
        let Some(kind) = self.peek() else {
            return Err(NotUnderstood);
        };
        self.set_height(1)?;
        match kind {
            TokenKind::Text(pieces) => {
                self.advance();
                Ok(Expression::Text(pieces.clone()))
            }
            TokenKind::Words(words) => {
                self.advance();
                let text = |word: &String| Expression::Text(vec![Piece::Text(word.clone())]);
                Ok(Expression::List(words.iter().map(text).collect()))
            }
            TokenKind::Number(number) => {
                self.advance();
                Ok(Expression::Number(number.clone()))
            }
            TokenKind::Pattern { pieces, flags } => {
                self.advance();
                Ok(Expression::Pattern {
                    pieces: pieces.clone(),
                    flags: flags.clone(),
                })
            }
            TokenKind::Substitution => {
                self.advance();
                Ok(Expression::Other)
            }
            TokenKind::Variable(name) => self.variable(name),
            TokenKind::Word(word) => self.word_term(word),
            TokenKind::Mark(mark) => self.mark_term(mark),
            TokenKind::Stray => Err(NotUnderstood),
        }
    }

    fn variable(&mut self, name: &str) -> Understood<Expression> {
        self.advance();
        // `@{...}`, `${...}`: a block that tells the name.
        if name.len() == 1 {
            if !self.is_mark("{") {
                return Err(NotUnderstood);
            }
            self.block()?;
            return Ok(Expression::Other);
        }
        Ok(Expression::Variable(name.to_owned()))
    }

    fn mark_term(&mut self, mark: &'static str) -> Understood<Expression> {
        self.advance();
        match mark {
            "(" => {
                let items = self.items(")")?;
                Ok(Expression::List(items))
            }
            "[" => Ok(Expression::Array(self.items("]")?)),
            "{" => Ok(Expression::Hash(self.items("}")?)),
            "!" | "-" | "+" | "\\" | "~" => {
                // A test of a file: `-e $path`.
                if mark == "-" && matches!(self.word(), Some(word) if word.len() == 1) {
                    self.advance();
                    self.deeper(|parser| parser.operand(SIGN))?;
                    return Ok(Expression::Other);
                }
                let inner = self.deeper(|parser| parser.operand(SIGN))?;
                self.set_height(self.height() + 1)?;
                Ok(Expression::Unary(mark, Box::new(inner)))
            }
            "++" | "--" => {
                self.deeper(|parser| parser.operand(SIGN))?;
                Ok(Expression::Other)
            }
            "<" => {
                // `<STDIN>`, `<$file>`
                self.advance();
                self.need(">")?;
                Ok(Expression::Other)
            }
            _ => Err(NotUnderstood),
        }
    }

    /// Reads items up to a closing bracket, and the bracket.
    fn items(&mut self, close: &str) -> Understood<Vec<Expression>> {
        let mut items = Vec::new();
        let mut highest = 0;
        self.take_commas();
        while !self.mark(close) {
            // Inside parentheses even `or` may stand.
            let item = self.deeper(|parser| {
                let first = parser.term()?;
                parser.operators(first, 1)
            })?;
            items.push(item);
            highest = highest.max(self.height());
            if !self.take_commas() {
                self.need(close)?;
                break;
            }
        }
        self.set_height(highest + 1)?;
        Ok(items)
    }

    fn word_term(&mut self, word: &str) -> Understood<Expression> {
        self.advance();
        if self.is_mark("=>") {
            return Ok(Expression::Text(vec![Piece::Text(word.to_owned())]));
        }
        match word {
            "my" | "our" | "local" | "state" => return self.declared(),
            "sub" if self.is_mark("{") => return Ok(Expression::Code(self.block()?)),
            "not" => {
                let inner = self.deeper(|parser| parser.operand(NOT))?;
                return Ok(Expression::Unary("!", Box::new(inner)));
            }
            "if" | "unless" | "while" | "until" | "for" | "foreach" | "else" | "elsif" => {
                return Err(NotUnderstood);
            }
            _ => {}
        }
        let name = word.to_owned();
        if self.mark("(") {
            let arguments = self.items(")")?;
            return Ok(Expression::Call { name, arguments });
        }
        if WITH_BLOCK.contains(&word) && self.is_mark("{") {
            let mut arguments = vec![Expression::Code(self.block()?)];
            self.take_commas();
            if self.begins_term() {
                arguments.extend(self.arguments()?);
            }
            return Ok(Expression::Call { name, arguments });
        }
        if UNARY.contains(&word) && self.begins_term() {
            let argument = self.deeper(|parser| parser.operand(14))?;
            return Ok(Expression::Call {
                name,
                arguments: vec![argument],
            });
        }
        if self.is_mark("->") || self.is_mark("{") || !self.begins_term() {
            return Ok(Expression::Word(name));
        }
        let arguments = self.arguments()?;
        Ok(Expression::Call { name, arguments })
    }

    /// Reads the arguments of a call without parentheses.
    fn arguments(&mut self) -> Understood<Vec<Expression>> {
        let mut all = Vec::new();
        let mut highest = 0;
        loop {
            all.push(self.deeper(|parser| parser.operand(ASSIGNMENT))?);
            highest = highest.max(self.height());
            if !self.take_commas() || !self.begins_term() {
                self.set_height(highest + 1)?;
                return Ok(all);
            }
        }
    }

    fn declared(&mut self) -> Understood<Expression> {
        let mut names = Vec::new();
        let many = self.mark("(");
        while let Some(TokenKind::Variable(name)) = self.peek() {
            self.advance();
            names.push(name.clone());
            if !many || !self.take_commas() {
                break;
            }
        }
        if many {
            self.need(")")?;
        }
        match names.is_empty() {
            true => Err(NotUnderstood),
            false => Ok(Expression::Declared(names)),
        }
    }

    /// Returns true if the next token begins a term.
    pub(super) fn begins_term(&self) -> bool {
        self.begins_term_at(0)
    }

    fn begins_term_at(&self, ahead: usize) -> bool {
        match self.peek_at(ahead) {
            Some(TokenKind::Word(word)) => !matches!(
                word.as_str(),
                "if" | "unless"
                    | "while"
                    | "until"
                    | "for"
                    | "foreach"
                    | "and"
                    | "or"
                    | "xor"
                    | "eq"
                    | "ne"
                    | "x"
                    | "cmp"
                    | "lt"
                    | "gt"
                    | "le"
                    | "ge"
            ),
            Some(TokenKind::Mark(mark)) => matches!(*mark, "(" | "[" | "{" | "\\" | "!" | "-"),
            Some(TokenKind::Stray) | None => false,
            Some(
                TokenKind::Variable(_)
                | TokenKind::Number(_)
                | TokenKind::Text(_)
                | TokenKind::Words(_)
                | TokenKind::Pattern { .. }
                | TokenKind::Substitution,
            ) => true,
        }
    }

    /// Reads `->method(...)`, `->[...]`, `{...}` and `++` after a term.
    fn suffixes(&mut self, mut term: Expression) -> Understood<Expression> {
        loop {
            if self.mark("->") {
                let height = self.height();
                term = self.after_arrow(term)?;
                self.set_height(height.max(self.height()) + 1)?;
            } else if matches!(term, Expression::Variable(_) | Expression::Other)
                && (self.is_mark("[") || self.is_mark("{"))
            {
                let close = if self.mark("[") { "]" } else { "}" };
                if close == "}" {
                    self.advance();
                }
                self.items(close)?;
                term = Expression::Other;
            } else if self.mark("++") || self.mark("--") {
                term = Expression::Other;
            } else {
                return Ok(term);
            }
        }
    }

    fn after_arrow(&mut self, object: Expression) -> Understood<Expression> {
        if self.mark("[") {
            self.items("]")?;
            return Ok(Expression::Other);
        }
        if self.mark("{") {
            self.items("}")?;
            return Ok(Expression::Other);
        }
        if self.mark("(") {
            self.items(")")?;
            return Ok(Expression::Other);
        }
        let name = match self.peek() {
            Some(TokenKind::Word(name)) => name.clone(),
            // `$self->$method`, `$list->@*`
            Some(TokenKind::Variable(_)) => String::new(),
            _ => return Err(NotUnderstood),
        };
        self.advance();
        let arguments = match self.mark("(") {
            true => self.items(")")?,
            false => Vec::new(),
        };
        Ok(Expression::Method {
            object: Box::new(object),
            name,
            arguments,
        })
    }
}
