//! Text with variables in it.

use super::text::Text;
use super::variable::{is_variable, unknown_variable};
use super::vars::{Value, Vars};
use crate::bounds::{MOST_TEXT, too_long};
use crate::finding::{Code, Diagnostic, Span};
use crate::yaml::{Node, Reader};

/// Text with `{{ name }}` in it, as written in a file. `{{ "{{" }}` stands for the braces themselves.
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
    /// A `{{` that is not closed or contains no name.
    pub fn parse(text: &str, at: &Span) -> Result<Self, Diagnostic> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut from = 0;
        while let Some(open) = text[from..].find("{{").map(|open| from + open) {
            literal.push_str(&text[from..open]);
            let Some(close) = closing(&text[open + 2..]).map(|close| open + 2 + close) else {
                let place = at.part(text, open..open + 2);
                return Err(Diagnostic::new(Code::InvalidValue, &place, "`{{` is not closed")
                    .with_help("write `{{ name }}` for a variable, `{{ \"{{\" }}` for the braces themselves"));
            };
            let inside = text[open + 2..close].trim();
            match inside
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
            {
                Some(quoted) => literal.push_str(quoted),
                None if is_variable(inside) => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Variable {
                        name: inside.to_owned(),
                        at: at.part(text, open..close + 2),
                    });
                }
                None => {
                    let place = at.part(text, open..close + 2);
                    return Err(Diagnostic::new(
                        Code::InvalidValue,
                        &place,
                        format!("`{inside}` cannot be the name of a variable"),
                    )
                    .with_help("write `{{ name }}` for a variable, `{{ \"{{\" }}` for the braces themselves"));
                }
            }
            from = close + 2;
        }
        literal.push_str(&text[from..]);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self {
            parts,
            at: at.clone(),
        })
    }

    /// Reads text that may contain variables.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let text = reader.scalar(node, "text")?;
        reader.take(Self::parse(text, &node.at))
    }

    pub(crate) fn empty(at: &Span) -> Self {
        Self {
            parts: Vec::new(),
            at: at.clone(),
        }
    }

    /// Returns the text if it contains no variable.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Returns the variables that it uses, with their places.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Variable { name, at } => Some((name.as_str(), at)),
        })
    }

    /// Returns the place of the text.
    pub fn at(&self) -> &Span {
        &self.at
    }

    /// Returns text that reads as this template: variables as `{{ name }}`, braces of the text itself in quotes.
    pub fn written(&self) -> String {
        let mut text = String::new();
        for (place, part) in self.parts.iter().enumerate() {
            match part {
                Part::Literal(literal) => {
                    let is_last = place + 1 == self.parts.len();
                    push_literal(&mut text, literal, is_last);
                }
                Part::Variable { name, .. } => text.push_str(&format!("{{{{ {name} }}}}")),
            }
        }
        text
    }

    /// Returns the parts in order: the text of a literal part, `None` for a variable.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = Option<&str>> {
        self.parts.iter().map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Variable { .. } => None,
        })
    }

    /// Returns the parts in order: `Ok` with a text, `Err` with the name of a variable.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Result<&str, &str>> {
        self.parts.iter().map(|part| match part {
            Part::Literal(text) => Ok(text.as_str()),
            Part::Variable { name, .. } => Err(name.as_str()),
        })
    }

    /// Returns the length with the values of the variables. `length` returns the length of a value.
    pub(crate) fn length(&self, length: impl Fn(&str) -> usize) -> usize {
        let part = |part: &Part| match part {
            Part::Literal(text) => text.len(),
            Part::Variable { name, .. } => length(name),
        };
        self.parts.iter().map(part).fold(0, usize::saturating_add)
    }

    /// Replaces variables by their values. The whole text is secret if a value is.
    ///
    /// # Errors
    /// A variable has no value or is a list, or the text becomes too long.
    pub fn render(&self, vars: &Vars) -> Result<Text, Diagnostic> {
        let mut text = String::new();
        let mut is_secret = false;
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Variable { name, at } => match vars.get(name) {
                    Some(Value::Text(value)) => {
                        if text.len() + value.length() > MOST_TEXT {
                            let what = format!("the text with the value of `{name}`");
                            return Err(too_long(at, &what));
                        }
                        text.push_str(value.reveal());
                        is_secret |= value.is_secret();
                    }
                    Some(Value::List(_)) => {
                        return Err(Diagnostic::new(
                            Code::WrongType,
                            at,
                            format!("the variable `{name}` is a list, not text"),
                        )
                        .with_help(format!(
                            "go through it: `each: {{ in: {name}, steps: [...] }}`"
                        )));
                    }
                    None => return Err(unknown_variable(name, at, vars.names())),
                },
            }
        }
        Ok(match is_secret {
            true => Text::secret(text),
            false => Text::open(text),
        })
    }
}

/// Appends literal text. Braces that would begin a variable are put in quotes: two or more of them, and one in front of
/// a variable.
fn push_literal(text: &mut String, literal: &str, is_last: bool) {
    let mut rest = literal;
    while let Some(open) = rest.find('{') {
        let braces = &rest[open..];
        let braces = &braces[..braces.len() - braces.trim_start_matches('{').len()];
        text.push_str(&rest[..open]);
        rest = &rest[open + braces.len()..];
        if braces.len() > 1 || (rest.is_empty() && !is_last) {
            text.push_str(&format!("{{{{ \"{braces}\" }}}}"));
        } else {
            text.push_str(braces);
        }
    }
    text.push_str(rest);
}

/// Where `}}` is, outside of quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '}' if !quoted && text[at..].starts_with("}}") => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Source;

    fn template(text: &str) -> Result<Template, Diagnostic> {
        let source = Source::new("a.yaml", text);
        Template::parse(text, &Span::new(&source, 0..text.len()))
    }

    fn rendered(text: &str) -> String {
        let mut vars = Vars::new();
        vars.set("user", "alice");
        vars.set("pass-word", Text::secret("s3"));
        vars.set_list("apps", vec!["a".into()]);
        match template(text).and_then(|template| template.render(&vars)) {
            Ok(text) => format!("{text} = {}", text.reveal()),
            Err(error) => format!(
                "{}: {error}; {}",
                error.at.as_ref().map_or(0, |at| at.column()),
                error.help.clone().unwrap_or_default()
            ),
        }
    }

    #[test]
    fn variables_are_replaced_and_secrets_taint_the_whole() {
        for (text, expected) in [
            ("", " = "),
            ("plain } {", "plain } { = plain } {"),
            ("a {{ user }} b", "a alice b = a alice b"),
            ("{{user}}{{ user }}", "alicealice = alicealice"),
            ("{{ user }}:{{ pass-word }}", "••• = alice:s3"),
            ("{{ \"{{\" }} x {{ \"}}\" }}", "{{ x }} = {{ x }}"),
            (
                "a {{ usr }}",
                "3: unknown variable `usr`; did you mean `user`?",
            ),
            (
                "{{ zzz }}",
                "1: unknown variable `zzz`; declare it in `vars:`; `--var zzz=...` gives it another value",
            ),
            (
                "{{ apps }}",
                "1: the variable `apps` is a list, not text; go through it: `each: { in: apps, steps: [...] }`",
            ),
        ] {
            assert_eq!(rendered(text), expected, "{text}");
        }
    }

    #[test]
    fn braces_that_hold_no_name_are_errors_at_their_place() {
        for (text, column, message) in [
            ("ab {{ user", 4, "`{{` is not closed"),
            ("{{}}", 1, "`` cannot be the name of a variable"),
            ("x {{ a b }}", 3, "`a b` cannot be the name of a variable"),
            ("{{ 1a }}", 1, "`1a` cannot be the name of a variable"),
        ] {
            let error = template(text).expect_err("an error");
            assert_eq!(
                (error.at.expect("a place").column(), error.message.as_str()),
                (column, message)
            );
        }
    }

    #[test]
    fn a_written_template_reads_as_itself() {
        let read = template("a {{ user }}b").expect("a template");
        assert_eq!(read.written(), "a {{ user }}b");
        assert_eq!(
            read.variables().map(|(name, _)| name).collect::<Vec<_>>(),
            ["user"]
        );
        for text in [
            "plain } { text",
            "{{ \"{{\" }} x {{ \"}}\" }}",
            "{{ \"{\" }}{{ user }}",
            "{{ \"{{{\" }}{ {{ user }}{",
        ] {
            let read = template(text).expect("a template");
            let written = read.written();
            let again = template(&written).expect("a template");
            let pieces = |template: &Template| -> Vec<Result<String, String>> {
                let pieces = template.pieces();
                let owned =
                    |piece: Result<&str, &str>| piece.map(str::to_owned).map_err(str::to_owned);
                pieces.map(owned).collect()
            };
            assert_eq!(pieces(&again), pieces(&read), "{text} is written {written}");
        }
    }
}
