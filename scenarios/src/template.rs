use crate::{Diagnostic, Span, Text, Vars};

/// Text with `{{ name }}` in it, as written in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
    at: Span,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Literal(String),
    Variable { name: String, at: Span },
}

impl Template {
    /// Splits text at its variables.
    ///
    /// # Errors
    /// `{{` that is not closed, or without a name in it.
    pub fn parse(text: &str, at: &Span) -> Result<Self, Diagnostic> {
        let _ = (text, at);
        todo!()
    }

    /// The text, when there is no variable in it.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The variables it uses, with their places.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Variable { name, at } => Some((name.as_str(), at)),
        })
    }

    /// Where it is written.
    pub fn at(&self) -> &Span {
        &self.at
    }

    /// Puts in the values. The whole is secret when a value is.
    ///
    /// # Errors
    /// A variable without a value, or one that is a list.
    pub fn render(&self, vars: &Vars) -> Result<Text, Diagnostic> {
        let _ = vars;
        todo!()
    }
}
