//! Values that are written as text with variables.

use super::render::Render;
use super::template::Template;
use super::text::Text;
use super::vars::Vars;
use crate::finding::{Code, Diagnostic, Span};
use crate::yaml::{Node, Reader};

/// A value that can be shown in a report. It is never a secret.
pub trait Shown {
    /// Returns the text for the report.
    fn shown(&self) -> String;
}

/// A value that can be written as text.
pub trait FromText: Shown + Sized + std::fmt::Debug + Clone + PartialEq {
    /// Reads the value. Errors are at `at`.
    ///
    /// # Errors
    /// The text is no such value, or is a secret that would be shown.
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic>;

    /// True if the value may be a secret. Only [`Text`] may, because it masks itself.
    const TAKES_SECRETS: bool = false;
}

/// Refuses a secret that would be shown.
pub(crate) fn show_no_secret(text: &Text, at: &Span, what: &str) -> Result<(), Diagnostic> {
    if text.is_secret() {
        return Err(secret_shown(at, what));
    }
    Ok(())
}

/// Makes the finding about a secret that would be shown.
pub(crate) fn secret_shown(at: &Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        Code::SecretShown,
        at,
        format!("a secret cannot be used in {what}: it would be shown"),
    )
    .with_help("secrets may stand in what is typed, sent, run or set")
}

/// Makes the finding about a text that is not the expected value.
pub(crate) fn not_a(what: &str, text: &str, at: &Span) -> Diagnostic {
    let shown: String = text.chars().take(60).collect();
    Diagnostic::new(
        Code::WrongType,
        at,
        format!("expected {what}, found `{shown}`"),
    )
}

impl FromText for Text {
    fn from_text(text: &Text, _at: &Span) -> Result<Self, Diagnostic> {
        Ok(text.clone())
    }

    const TAKES_SECRETS: bool = true;
}

impl FromText for u32 {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "a number")?;
        let written = text.reveal().trim();
        written
            .parse()
            .map_err(|_| not_a("a whole number from 0 to 4294967295", written, at))
    }
}

impl FromText for f64 {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "a number")?;
        let written = text.reveal().trim();
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) | Err(_) => Err(not_a("a number", written, at)),
        }
    }
}

/// A value as written, which may contain `{{ variables }}`. Without variables it is checked when the file is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Templated<T> {
    template: Template,
    ready: Option<T>,
}

impl<T: FromText> Templated<T> {
    /// Makes a value from a template. Reads it immediately if it has no variables.
    ///
    /// # Errors
    /// As [`FromText::from_text`].
    pub fn new(template: Template) -> Result<Self, Diagnostic> {
        let ready = match template.literal() {
            Some(text) => Some(T::from_text(&Text::open(text), template.at())?),
            None => None,
        };
        Ok(Self { template, ready })
    }

    /// Reads a value that may contain variables.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let template = Template::read(reader, node)?;
        reader.take(Self::new(template))
    }

    /// Does the same as [`Templated::read`], and refuses empty text.
    pub(crate) fn read_filled(reader: &mut Reader, node: &Node) -> Option<Self> {
        let value = Self::read(reader, node)?;
        let literal = value.template.literal();
        if literal.is_some_and(|text| text.trim().is_empty()) {
            let message = "expected text, found nothing";
            return reader.invalid(&node.at, message, "write what is meant");
        }
        Some(value)
    }

    /// Returns the value if it contains no variable.
    pub fn ready(&self) -> Option<&T> {
        self.ready.as_ref()
    }

    /// Returns the text as written.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Returns the place of the value.
    pub fn at(&self) -> &Span {
        self.template.at()
    }
}

impl<T: FromText> Render for Templated<T> {
    type Output = T;

    fn render(&self, vars: &Vars) -> Result<T, Diagnostic> {
        match &self.ready {
            Some(value) => Ok(value.clone()),
            None => T::from_text(&self.template.render(vars)?, self.template.at()),
        }
    }
}

impl<T> Shown for Templated<T> {
    fn shown(&self) -> String {
        self.template.written()
    }
}

impl Shown for Text {
    fn shown(&self) -> String {
        Text::shown(self).to_owned()
    }
}

impl Shown for u32 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for f64 {
    fn shown(&self) -> String {
        self.to_string()
    }
}
