//! Expressions as text with variables, as numbers and as tags.

use super::writer::{Known, Writer};
use crate::openqa::perl::{Expression, Piece};
use crate::value::{BUILT_IN, is_variable};

/// Variables that `qa` has under another name, or that openQA's test API keeps.
const OTHER_NAMES: [(&str, &str); 8] = [
    ("testapi::username", "user"),
    ("username", "user"),
    ("testapi::password", "password"),
    ("password", "password"),
    ("testapi::realname", "realname"),
    ("realname", "realname"),
    ("testapi::serialdev", "serialdev"),
    ("serialdev", "serialdev"),
];

/// Returns text in which braces stand for themselves.
pub(super) fn escaped(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}

/// Returns the name under which a variable of the module is known to the scenario.
pub(super) fn own_name(name: &str) -> Option<String> {
    let name = name.rsplit("::").next()?;
    match BUILT_IN.contains(&name) {
        true => Some(format!("my_{name}")),
        false => is_variable(name).then(|| name.to_owned()),
    }
}

impl Writer<'_> {
    /// Returns the text of an expression, with its variables in braces.
    pub(super) fn text(&mut self, expression: &Expression) -> Option<String> {
        match expression {
            Expression::Text(pieces) => self.pieces(pieces, false),
            Expression::Number(number) => Some(number.clone()),
            Expression::Variable(name) => self.variable(name.strip_prefix('$')?),
            Expression::Binary(".", left, right) => Some(self.text(left)? + &self.text(right)?),
            Expression::Binary("x", left, right) => {
                let (text, times) = (self.text(left)?, self.number(right)?);
                let fits = times >= 0.0 && text.len() as f64 * times <= 10_000.0;
                fits.then(|| text.repeat(times as usize))
            }
            Expression::Binary("+" | "-" | "*" | "/", ..) => {
                Some(format!("{}", self.number(expression)?))
            }
            Expression::List(items) => match items.as_slice() {
                [one] => self.text(one),
                _ => None,
            },
            Expression::Call { name, arguments } => self.text_of_call(name, arguments),
            Expression::Word(word) => match self.known.get(word) {
                Some(Known::Text(text)) => Some(text.clone()),
                Some(Known::Variable(name)) => Some(format!("{{{{ {name} }}}}")),
                None => {
                    self.because(format!("what `{word}` is, is not known"));
                    None
                }
            },
            _ => None,
        }
    }

    /// Returns the text of pieces. In a pattern, a `$` before nothing is the end of a line.
    pub(super) fn pieces(&mut self, pieces: &[Piece], is_pattern: bool) -> Option<String> {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(&escaped(text)),
                Piece::Variable(name) if is_pattern => {
                    // What a variable has in it may mean something else in a pattern.
                    let text = self.variable(name)?;
                    if !text.contains("{{") {
                        out.push_str(&regex::escape(&text));
                    } else {
                        out.push_str(&text);
                    }
                }
                Piece::Variable(name) => out.push_str(&self.variable(name)?),
                Piece::Unknown => return None,
            }
        }
        Some(out)
    }

    fn variable(&mut self, name: &str) -> Option<String> {
        match self.known.get(name) {
            Some(Known::Text(text)) => return Some(text.clone()),
            Some(Known::Variable(name)) => return Some(format!("{{{{ {name} }}}}")),
            None => {}
        }
        let Some((_, own)) = OTHER_NAMES.iter().find(|(other, _)| *other == name) else {
            self.because(format!("the value of `${name}` is not known"));
            return None;
        };
        if *own == "password" {
            self.uses.password = true;
        } else {
            self.uses.vars.entry((*own).to_owned()).or_default();
        }
        Some(format!("{{{{ {own} }}}}"))
    }

    fn text_of_call(&mut self, name: &str, arguments: &[Expression]) -> Option<String> {
        match (name, arguments) {
            ("get_var" | "get_required_var", [name]) => self.openqa_variable(name, None),
            ("get_var", [name, default]) => {
                let default = self.text(default)?;
                self.openqa_variable(name, Some(default))
            }
            ("lc", [inner]) => Some(self.literal(inner)?.to_lowercase()),
            ("uc", [inner]) => Some(self.literal(inner)?.to_uppercase()),
            ("join", [between, rest @ ..]) => {
                let between = self.text(between)?;
                let mut all = Vec::new();
                for item in rest {
                    match item {
                        Expression::List(items) => {
                            for item in items {
                                all.push(self.text(item)?);
                            }
                        }
                        item => all.push(self.text(item)?),
                    }
                }
                Some(all.join(&between))
            }
            _ => None,
        }
    }

    /// Returns a variable of openQA in braces, and remembers that it is used.
    fn openqa_variable(&mut self, name: &Expression, default: Option<String>) -> Option<String> {
        let name = self.variable_name(name)?;
        let defaults = self.uses.vars.entry(name.clone()).or_default();
        defaults.extend(default.filter(|default| !default.contains("{{")));
        Some(format!("{{{{ {name} }}}}"))
    }

    /// Returns the name of a variable of openQA that an expression is.
    pub(super) fn variable_name(&mut self, name: &Expression) -> Option<String> {
        let name = self.literal(name)?;
        own_name(&name).filter(|_| !name.contains("::"))
    }

    /// Returns text without variables.
    pub(super) fn literal(&mut self, expression: &Expression) -> Option<String> {
        let text = self.text(expression)?;
        (!text.contains("{{")).then_some(text)
    }

    /// Returns a number that is known.
    pub(super) fn number(&mut self, expression: &Expression) -> Option<f64> {
        let number = match expression {
            Expression::Binary(operator, left, right) => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                match *operator {
                    "+" => left + right,
                    "-" => left - right,
                    "*" => left * right,
                    "/" if right != 0.0 => left / right,
                    _ => return None,
                }
            }
            Expression::Unary("-", inner) => -self.number(inner)?,
            Expression::List(items) => match items.as_slice() {
                [one] => self.number(one)?,
                _ => return None,
            },
            // `qa` scales deadlines by itself.
            Expression::Call { name, arguments } if name == "get_var" => {
                match self.variable_name(arguments.first()?)?.as_str() {
                    "TIMEOUT_SCALE" => 1.0,
                    _ => return None,
                }
            }
            other => self.literal(other)?.trim().parse().ok()?,
        };
        number.is_finite().then_some(number)
    }

    /// Returns a time in seconds as a duration, if it is there and can be told. The outer `None` means that it cannot.
    pub(super) fn duration(&mut self, expression: Option<&Expression>) -> Option<Option<String>> {
        let Some(expression) = expression else {
            return Some(None);
        };
        if matches!(expression, Expression::Word(word) if word == "undef") {
            return Some(None);
        }
        let Some(seconds) = self.number(expression) else {
            self.because("its time is not known");
            return None;
        };
        Some(Some(in_words(seconds)))
    }

    /// Returns the tags of an expression: one, or a list.
    pub(super) fn tags(&mut self, expression: &Expression) -> Option<Vec<String>> {
        let mut tags = Vec::new();
        match expression {
            Expression::Array(items) | Expression::List(items) => {
                for item in items {
                    tags.extend(self.tags(item)?);
                }
            }
            other => tags.push(self.text(other)?.trim().to_owned()),
        }
        tags.retain(|tag| !tag.is_empty());
        match tags.is_empty() {
            true => None,
            false => Some(tags),
        }
    }
}

/// Returns a time in seconds in the notation of scenarios. It is at least a tenth of a second.
pub(super) fn in_words(seconds: f64) -> String {
    let milliseconds = (seconds.clamp(0.1, 500_000.0) * 1000.0).round() as u64;
    match milliseconds {
        whole if whole % 3_600_000 == 0 => format!("{}h", whole / 3_600_000),
        whole if whole % 60_000 == 0 && whole > 60_000 => format!("{}m", whole / 60_000),
        whole if whole % 1000 == 0 => format!("{}s", whole / 1000),
        part => format!("{part}ms"),
    }
}
