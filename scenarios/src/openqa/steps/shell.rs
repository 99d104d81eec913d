//! Calls that run commands, wait for serial text and fetch files.

use super::entry::{Entry, StepText};
use super::text::in_words;
use super::writer::Writer;
use crate::openqa::perl::{Expression, Statement, StatementKind};

/// Options of commands that decide nothing here.
const NAMES: [&str; 7] = [
    "timeout",
    "fail_message",
    "quiet",
    "output",
    "max_interval",
    "type_command",
    "die_on_timeout",
];

impl Writer<'_> {
    /// Adds the user of commands, if it is not root.
    pub(super) fn as_user(&mut self, step: StepText) -> StepText {
        if !self.user {
            return step;
        }
        self.uses.vars.entry("user".to_owned()).or_default();
        step.text("user", "{{ user }}")
    }

    /// Tells a command. `usual` is its time in seconds where it has none of its own.
    pub(super) fn run(
        &mut self,
        arguments: &[Expression],
        usual: f64,
        any_status: bool,
    ) -> Option<Entry> {
        let arguments = self.arguments(arguments, &NAMES)?;
        let command = self.text(arguments.placed.first()?)?;
        let seconds = match arguments.get("timeout", 1) {
            Some(timeout) => self.number(timeout)?,
            None => usual,
        };
        if seconds <= 0.0 {
            self.because("it does not wait for the command: a time of 0");
            return None;
        }
        let mut step = StepText::new("run").text("command", command);
        if any_status {
            step = step.word("exit", "any");
        }
        let within = in_words(seconds);
        let step = self.as_user(step);
        Some(Entry::Step(step.word_if(
            "within",
            Some(within).filter(|time| time != "90s"),
        )))
    }

    pub(super) fn run_as_root(
        &mut self,
        arguments: &[Expression],
        usual: f64,
        any_status: bool,
    ) -> Option<Entry> {
        let user = std::mem::replace(&mut self.user, false);
        // `script_sudo` ends before its command does, so its short time says nothing.
        let step = self.run(
            arguments,
            if any_status {
                90.0_f64.max(usual)
            } else {
                usual
            },
            any_status,
        );
        self.user = user;
        step
    }

    /// Tells a command whose output is wanted.
    pub(super) fn output(
        &mut self,
        arguments: &[Expression],
        save: Option<String>,
    ) -> Option<Entry> {
        let names: Vec<&str> = NAMES
            .iter()
            .copied()
            .chain(["proceed_on_failure"])
            .collect();
        let arguments = self.arguments(arguments, &names)?;
        let command = self.text(arguments.placed.first()?)?;
        let within = self
            .duration(arguments.get("timeout", 1))?
            .filter(|time| time != "90s");
        let mut step = StepText::new("run").text("command", command);
        if arguments.flag("proceed_on_failure") {
            step = step.word("exit", "any");
        }
        if let Some(save) = save {
            step = step.text("save", save);
        }
        let step = self.as_user(step);
        Some(Entry::Step(step.word_if("within", within)))
    }

    pub(super) fn validate(&mut self, arguments: &[Expression]) -> Option<Entry> {
        let names: Vec<&str> = NAMES
            .iter()
            .copied()
            .chain(["title", "proceed_on_failure"])
            .collect();
        let arguments = self.arguments(arguments, &names)?;
        let command = self.text(arguments.placed.first()?)?;
        let wanted = arguments.placed.get(1).copied()?;
        let pattern = self.wanted(wanted)?;
        let within = self
            .duration(arguments.get("timeout", 2))?
            .filter(|time| time != "90s");
        let step = StepText::new("run")
            .text("command", command)
            .text("output", pattern);
        let step = self.as_user(step);
        Some(Entry::Step(step.word_if("within", within)))
    }

    /// Returns the pattern of `qr/.../`, or of `sub { m/.../ }`.
    fn wanted(&mut self, expression: &Expression) -> Option<String> {
        match expression {
            Expression::Pattern { pieces, flags } => self.pattern(pieces, flags),
            Expression::Code(body) => {
                let inner = match body.as_slice() {
                    [only] => checked(only),
                    _ => None,
                };
                if inner.is_none() {
                    self.because("the check of the output is code");
                }
                self.wanted(inner?)
            }
            _ => None,
        }
    }

    pub(super) fn wait_serial(
        &mut self,
        arguments: &[Expression],
        save: Option<String>,
    ) -> Option<Entry> {
        const NAMES: [&str; 7] = [
            "timeout",
            "expect_not_found",
            "quiet",
            "no_regex",
            "buffer_size",
            "record_output",
            "regexp",
        ];
        let arguments = self.arguments(arguments, &NAMES)?;
        let wanted = arguments.get("regexp", 0)?;
        let literal = arguments.flag("no_regex");
        let pattern = self.serial_pattern(wanted, literal)?;
        let not_found = arguments.placed.get(2);
        let absent = arguments.flag("expect_not_found")
            || matches!(not_found, Some(Expression::Number(number)) if number != "0");
        let time = self.duration(arguments.get("timeout", 1))?;
        let step = StepText::new("serial");
        if absent {
            let time = time.unwrap_or_else(|| "90s".to_owned());
            return Some(Entry::Step(step.text("absent", pattern).word("for", time)));
        }
        let mut step = step.text("regex", pattern);
        if let Some(save) = save {
            step = step.text("save", save);
        }
        Some(Entry::Step(
            step.word_if("within", time.filter(|time| time != "90s")),
        ))
    }

    fn serial_pattern(&mut self, wanted: &Expression, literal: bool) -> Option<String> {
        match wanted {
            Expression::Array(items) | Expression::List(items) if items.len() != 1 => {
                let all: Option<Vec<String>> = (items.iter())
                    .map(|item| Some(format!("(?:{})", self.serial_pattern(item, literal)?)))
                    .collect();
                Some(all?.join("|"))
            }
            Expression::Array(items) | Expression::List(items) => {
                self.serial_pattern(items.first()?, literal)
            }
            Expression::Pattern { pieces, flags } => self.pattern(pieces, flags),
            other => {
                let text = self.text(other)?;
                Some(match literal && !text.contains("{{") {
                    true => regex::escape(&text),
                    false => text,
                })
            }
        }
    }

    pub(super) fn upload(&mut self, arguments: &[Expression]) -> Option<Entry> {
        let arguments = self.arguments(
            arguments,
            &["failok", "timeout", "log_name", "public", "nocheck"],
        )?;
        let file = self.text(arguments.placed.first()?)?;
        if !file.starts_with('/') {
            self.because("a file without an absolute path");
            return None;
        }
        let mut step = StepText::new("get").text("file", file);
        if arguments.flag("failok") {
            step = step.word("optional", "true");
        }
        Some(Entry::Step(step))
    }
}

/// Returns the pattern that the only statement of a check compares `$_` with.
fn checked(statement: &Statement) -> Option<&Expression> {
    let StatementKind::Expression(expression) = &statement.kind else {
        return None;
    };
    match expression {
        Expression::Pattern { .. } => Some(expression),
        Expression::Binary("=~", left, right) => {
            let is_output = matches!(&**left, Expression::Variable(name) if name == "$_");
            let is_pattern = matches!(&**right, Expression::Pattern { .. });
            (is_output && is_pattern).then_some(right)
        }
        _ => None,
    }
}
