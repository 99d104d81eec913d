//! Conditions of Perl as conditions of scenarios.

use super::entry::{Entry, StepText};
use super::text::in_words;
use super::writer::{Known, Writer};
use crate::openqa::perl::{Expression, Piece};

/// A condition, and the steps that must run before it.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) before: Vec<Entry>,
    pub(super) text: String,
    /// True if it is one comparison or name, which needs no parentheses.
    simple: bool,
}

impl Told {
    fn simple(text: String) -> Self {
        Self {
            before: Vec::new(),
            text,
            simple: true,
        }
    }

    fn enclosed(&self) -> String {
        match self.simple {
            true => self.text.clone(),
            false => format!("({})", self.text),
        }
    }

    /// Returns the opposite.
    pub(super) fn negated(self) -> Self {
        Self {
            text: opposite(&self.text),
            before: self.before,
            simple: true,
        }
    }

    fn joined(self, word: &str, other: Self) -> Self {
        let text = format!("{} {word} {}", self.enclosed(), other.enclosed());
        let mut before = self.before;
        before.extend(other.before);
        Self {
            before,
            text,
            simple: false,
        }
    }
}

impl Writer<'_> {
    /// Tells a condition, if all of it can be told.
    pub(super) fn condition(&mut self, expression: &Expression) -> Option<Told> {
        match expression {
            Expression::List(items) => match items.as_slice() {
                [one] => self.condition(one),
                _ => None,
            },
            Expression::Unary("!", inner) => Some(self.condition(inner)?.negated()),
            Expression::Binary("&&" | "and", left, right) => {
                let (left, right) = (self.condition(left)?, self.condition(right)?);
                Some(left.joined("and", right))
            }
            Expression::Binary("||" | "or" | "//", left, right) => {
                let (left, right) = (self.condition(left)?, self.condition(right)?);
                Some(left.joined("or", right))
            }
            Expression::Binary(operator, left, right) => self.comparison(operator, left, right),
            Expression::Call { name, arguments } => self.condition_of_call(name, arguments),
            Expression::Word(name) if !self.known.contains_key(name) => {
                self.because(format!("what `{name}` returns is not known"));
                None
            }
            Expression::Variable(_) | Expression::Word(_) => {
                let (name, before) = self.operand(expression)?;
                Some(Told {
                    before,
                    ..Told::simple(name)
                })
            }
            _ => {
                self.because("its condition is not known");
                None
            }
        }
    }

    fn comparison(
        &mut self,
        operator: &str,
        left: &Expression,
        right: &Expression,
    ) -> Option<Told> {
        if let Expression::Pattern { pieces, flags } = right {
            let (name, before) = self.operand(left)?;
            let pattern = self.pattern(pieces, flags)?;
            if pattern.contains("{{") {
                return None;
            }
            let told = Told {
                before,
                ..Told::simple(format!("{name} matches /{}/", pattern.replace('/', "\\/")))
            };
            return match operator {
                "=~" => Some(told),
                "!~" => Some(told.negated()),
                _ => None,
            };
        }
        let sign = match operator {
            "eq" | "==" => "==",
            "ne" | "!=" => "!=",
            _ => {
                self.because(format!("the operator `{operator}` of its condition"));
                return None;
            }
        };
        let (left, mut before) = self.operand(left)?;
        let (right, more) = self.operand(right)?;
        before.extend(more);
        Some(Told {
            before,
            ..Told::simple(format!("{left} {sign} {right}"))
        })
    }

    /// Returns a value of a comparison: the name of a variable, or text in quotes.
    fn operand(&mut self, expression: &Expression) -> Option<(String, Vec<Entry>)> {
        if let Expression::Call { name, arguments } = expression
            && name == "script_run"
        {
            return self.exit_status(arguments);
        }
        let Some(text) = self.text(expression) else {
            self.because("its condition is not known");
            return None;
        };
        let variable = text
            .strip_prefix("{{ ")
            .and_then(|rest| rest.strip_suffix(" }}"));
        if let Some(name) = variable
            && !name.contains(['{', '}', '"'])
        {
            return Some((name.to_owned(), Vec::new()));
        }
        if text.contains("{{") {
            return None;
        }
        Some((quoted(&text)?, Vec::new()))
    }

    fn condition_of_call(&mut self, name: &str, arguments: &[Expression]) -> Option<Told> {
        match (name, arguments) {
            ("get_var" | "get_required_var", [variable, ..]) => {
                let call = Expression::Call {
                    name: name.to_owned(),
                    arguments: arguments.to_vec(),
                };
                self.text(&call)?;
                Some(Told::simple(self.variable_name(variable)?))
            }
            ("check_var", [variable, value]) => {
                let variable = self.variable_name(variable)?;
                self.uses.vars.entry(variable.clone()).or_default();
                let value = quoted(&self.literal(value)?)?;
                Some(Told::simple(format!("{variable} == {value}")))
            }
            ("match_has_tag", [tag]) => {
                let tag = self.literal(tag)?;
                if !self.facts.has_needle(&tag) {
                    self.because(format!("no needle has the tag `{tag}`"));
                    return None;
                }
                let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                let tag = match tag.starts_with(|c: char| c.is_ascii_alphabetic())
                    && tag.chars().all(is_word)
                {
                    true => tag,
                    false => quoted(&tag)?,
                };
                Some(Told::simple(format!("seen({tag})")))
            }
            ("check_screen", _) => self.check_screen(arguments),
            ("script_run", _) => {
                // Any status but 0 is true.
                let (status, before) = self.exit_status(arguments)?;
                Some(Told {
                    before,
                    ..Told::simple(format!("{status} != \"0\""))
                })
            }
            ("defined", [inner]) => self.condition(inner),
            _ => {
                self.because(format!("what `{name}` returns is not known"));
                None
            }
        }
    }

    /// Tells `check_screen` as a condition: a variable that says if the needle came.
    fn check_screen(&mut self, arguments: &[Expression]) -> Option<Told> {
        let see = self.see(arguments, Some(1.0))?;
        let tag = self.looked_for.as_ref()?.first()?.clone();
        let word = |c: char| match c.is_ascii_alphanumeric() {
            true => c.to_ascii_lowercase(),
            false => '_',
        };
        let variable = format!("sees_{}", tag.chars().map(word).collect::<String>());
        let set = |value: &str| {
            Entry::Step(
                StepText::new("set").with(&variable, super::entry::Value::Text(value.into())),
            )
        };
        let look = StepText::group(&format!("is {tag} on the screen?"), vec![see, set("yes")]);
        let before = vec![set("no"), Entry::Step(look.word("optional", "true"))];
        Some(Told {
            before,
            ..Told::simple(variable.clone())
        })
    }

    /// Tells a command of which only the exit status is wanted: the name of the variable that has it.
    fn exit_status(&mut self, arguments: &[Expression]) -> Option<(String, Vec<Entry>)> {
        let arguments = super::arguments::Arguments::read(
            arguments,
            &[
                "timeout",
                "quiet",
                "output",
                "die_on_timeout",
                "proceed_on_failure",
            ],
        )
        .map_err(|what| self.because(what))
        .ok()?;
        let command = self.text(arguments.placed.first()?)?;
        // They would take the closing parenthesis for their own.
        if command.contains(['#', '\n']) || command.contains("<<") {
            self.because("its exit status is wanted");
            return None;
        }
        let seconds = match arguments.get("timeout", 1) {
            Some(timeout) => self.number(timeout)?,
            None => 30.0,
        };
        let run = StepText::new("run")
            .text(
                "command",
                format!("( {command} ) > /dev/null 2>&1; echo $?"),
            )
            .text("save", "exit_status")
            .word("within", in_words(seconds));
        Some((
            "exit_status".to_owned(),
            vec![Entry::Step(self.as_user(run))],
        ))
    }

    /// Returns a regular expression with its flags.
    pub(super) fn pattern(&mut self, pieces: &[Piece], flags: &str) -> Option<String> {
        let pattern = self.pieces(pieces, true)?;
        let flags: String = flags
            .chars()
            .filter(|flag| "imsx".contains(*flag))
            .collect();
        Some(match flags.is_empty() {
            true => pattern,
            false => format!("(?{flags}){pattern}"),
        })
    }

    /// Remembers the value of a variable of the module.
    pub(super) fn remember(&mut self, name: &str, known: Known) {
        self.known.insert(name.to_owned(), known);
    }
}

/// Returns the opposite of a condition.
pub(super) fn opposite(condition: &str) -> String {
    let once = |sign: &str| condition.matches(sign).count() == 1;
    let joined = condition.contains(" and ") || condition.contains(" or ");
    if !joined && !condition.starts_with("not ") {
        match (once(" == "), once(" != ")) {
            (true, false) => return condition.replacen(" == ", " != ", 1),
            (false, true) => return condition.replacen(" != ", " == ", 1),
            (true, true) | (false, false) => {}
        }
    }
    match condition.strip_prefix("not ") {
        Some(inner) if !inner.contains(' ') => inner.to_owned(),
        _ if condition.contains(' ') => format!("not ({condition})"),
        _ => format!("not {condition}"),
    }
}

/// Returns text in the quotes of a condition.
fn quoted(text: &str) -> Option<String> {
    match (text.contains('"'), text.contains('\'')) {
        (false, _) => Some(format!("\"{text}\"")),
        (true, false) => Some(format!("'{text}'")),
        (true, true) => None,
    }
}
