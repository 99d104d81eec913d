//! The lines of a scenario that is made: steps, comments and what is left to do.

use super::scalar::{comment, scalar};

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::openqa) enum Value {
    /// Text, written with quotes where it needs them.
    Text(String),
    /// A number, a duration or a word, written as it is.
    Word(String),
    List(Vec<String>),
}

/// A step.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::openqa) struct StepText {
    pub(in crate::openqa) verb: &'static str,
    pub(in crate::openqa) fields: Vec<(String, Value)>,
    /// The value of a verb that has no fields: `power: on`.
    pub(in crate::openqa) alone: Option<String>,
    /// The fields beside the verb.
    pub(in crate::openqa) beside: Vec<(&'static str, Value)>,
    /// The steps of a group or a loop.
    pub(in crate::openqa) steps: Option<Vec<Entry>>,
}

/// An entry among the steps.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::openqa) enum Entry {
    Step(StepText),
    /// A comment of the module, with its `#`.
    Comment(String),
    /// Something that could not be told: its place, the lines of the source, and the steps inside it as comments.
    Todo(Todo),
}

/// A part of a module that could not be told.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::openqa) struct Todo {
    pub(in crate::openqa) file: String,
    pub(in crate::openqa) line: usize,
    pub(in crate::openqa) source: Vec<String>,
    /// What is in the way, if that can be said.
    pub(in crate::openqa) reason: Option<String>,
    /// The steps inside, of which it is not known when they run.
    pub(in crate::openqa) inside: Vec<Entry>,
    /// The last line of the source, after what is inside.
    pub(in crate::openqa) end: Option<String>,
}

/// The field that a verb may have alone.
fn short_field(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "see" | "gone" | "click" | "move" => "needle",
        "press" => "keys",
        "type" | "note" => "text",
        "run" => "command",
        "get" => "file",
        "serial" => "regex",
        "still" => "for",
        "screenshot" => "name",
        "assert" => "that",
        _ => return None,
    })
}

impl StepText {
    pub(in crate::openqa) fn new(verb: &'static str) -> Self {
        Self {
            verb,
            fields: Vec::new(),
            alone: None,
            beside: Vec::new(),
            steps: None,
        }
    }

    /// Makes a step of a verb and one word.
    pub(in crate::openqa) fn alone(verb: &'static str, value: &str) -> Self {
        Self {
            alone: Some(value.to_owned()),
            ..Self::new(verb)
        }
    }

    pub(in crate::openqa) fn group(name: &str, steps: Vec<Entry>) -> Self {
        let group = Self::new("group").text("name", name);
        Self {
            steps: Some(steps),
            ..group
        }
    }

    pub(in crate::openqa) fn text(self, name: &str, value: impl Into<String>) -> Self {
        self.with(name, Value::Text(value.into()))
    }

    pub(in crate::openqa) fn word(self, name: &str, value: impl Into<String>) -> Self {
        self.with(name, Value::Word(value.into()))
    }

    pub(in crate::openqa) fn with(mut self, name: &str, value: Value) -> Self {
        self.fields.push((name.to_owned(), value));
        self
    }

    /// Adds a field if there is a value for it.
    pub(in crate::openqa) fn word_if(self, name: &str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.word(name, value),
            None => self,
        }
    }

    pub(in crate::openqa) fn when(mut self, condition: &str) -> Self {
        self.beside
            .push(("when", Value::Text(condition.to_owned())));
        self
    }

    pub(in crate::openqa) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
            || self.beside.iter().any(|(field, _)| *field == name)
    }
}

impl Value {
    fn written(&self) -> String {
        match self {
            Self::Text(text) => scalar(text),
            Self::Word(word) => word.clone(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| scalar(item)).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }
}

/// Writes entries as the lines of a list, each after so many spaces.
pub(in crate::openqa) fn write(entries: &[Entry], indent: usize, out: &mut Vec<String>) {
    let spaces = " ".repeat(indent);
    for entry in entries {
        match entry {
            Entry::Step(step) => write_step(step, indent, out),
            Entry::Comment(text) => out.push(format!("{spaces}{}", comment(text))),
            Entry::Todo(todo) => {
                for line in todo.lines() {
                    out.push(format!("{spaces}# {line}").trim_end().to_owned());
                }
            }
        }
    }
}

fn write_step(step: &StepText, indent: usize, out: &mut Vec<String>) {
    let spaces = " ".repeat(indent);
    let short = short_field(step.verb);
    let alone = match (&step.alone, step.fields.as_slice()) {
        (Some(word), _) => Some(word.clone()),
        (None, []) => Some(String::new()),
        (None, [(name, value)]) if Some(name.as_str()) == short => Some(value.written()),
        (None, _) => None,
    };
    let fields = |fields: &[(String, Value)], more: &[(&'static str, Value)]| {
        let own = fields
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.written()));
        let beside = more
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.written()));
        own.chain(beside).collect::<Vec<_>>()
    };
    let head = format!("{spaces}- {}:", step.verb);
    if let Some(steps) = &step.steps {
        out.push(head);
        for field in fields(&step.fields, &step.beside) {
            out.push(format!("{spaces}    {field}"));
        }
        out.push(format!("{spaces}    steps:"));
        write(steps, indent + 6, out);
        return;
    }
    match alone {
        Some(value) if step.beside.is_empty() || short.is_none() || step.alone.is_some() => {
            out.push(format!("{head} {value}").trim_end().to_owned());
            for (name, value) in &step.beside {
                out.push(format!("{spaces}  {name}: {}", value.written()));
            }
        }
        _ if step.verb == "set" => {
            out.push(format!(
                "{head} {{ {} }}",
                fields(&step.fields, &[]).join(", ")
            ));
            for (name, value) in &step.beside {
                out.push(format!("{spaces}  {name}: {}", value.written()));
            }
        }
        _ => out.push(format!(
            "{head} {{ {} }}",
            fields(&step.fields, &step.beside).join(", ")
        )),
    }
}

impl Todo {
    /// Returns the lines of the comment, without the `#`.
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let place = format!("{}:{}", self.file, self.line);
        let first = self.source.first().map(String::as_str).unwrap_or_default();
        lines.push(comment(&format!("TODO {place}: {first}")));
        let more = self.source.iter().skip(1);
        lines.extend(more.map(|line| comment(&format!("  {line}"))));
        if let Some(reason) = &self.reason {
            lines.push(comment(&format!("  ({reason})")));
        }
        let mut inside = Vec::new();
        write(&self.inside, 2, &mut inside);
        // A comment inside a comment is one all the same.
        lines.extend(inside.into_iter().map(|line| comment(&line)));
        lines.extend(self.end.as_deref().map(comment));
        lines
    }
}

/// Returns true if there is a step among the entries.
pub(in crate::openqa) fn has_step(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| match entry {
        Entry::Step(step) => step.steps.as_deref().is_none_or(has_step),
        Entry::Comment(_) | Entry::Todo(_) => false,
    })
}

/// Returns true if something among the entries could not be told.
pub(in crate::openqa) fn has_todo(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| match entry {
        Entry::Step(step) => step.steps.as_deref().is_some_and(has_todo),
        Entry::Comment(_) => false,
        Entry::Todo(_) => true,
    })
}
