//! A finding: one error or warning for the user.

use std::fmt;

use super::code::Code;
use super::severity::Severity;
use super::span::Span;

/// A finding about a scenario, a project file or a needle.
///
/// It displays as one line without the place, such as ``unknown verb `cilck` ``. [`Diagnostic::render`] shows the
/// place, the source line and the help, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The severity.
    pub severity: Severity,
    /// The check that found it.
    pub code: Code,
    /// The message: a lowercase fragment without a final stop.
    pub message: String,
    /// The place. Absent if the finding is about none of our text files: the command line, a needle.
    pub at: Option<Span>,
    /// The path of the file if there is no place in it.
    pub file: Option<String>,
    /// The advice: the correct text, the existing names, or the next thing to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Makes a finding at a place, with the severity of its code.
    pub fn new(code: Code, at: &Span, message: impl Into<String>) -> Self {
        Self {
            severity: code.severity(),
            code,
            message: message.into(),
            at: Some(at.clone()),
            file: None,
            help: None,
        }
    }

    /// Makes a finding about something outside text files, such as a name on the command line.
    pub fn without_place(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: code.severity(),
            code,
            message: message.into(),
            at: None,
            file: None,
            help: None,
        }
    }

    /// Makes a finding about a whole file, such as a needle.
    pub fn about_file(code: Code, file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: Some(file.into()),
            ..Self::without_place(code, message)
        }
    }

    /// Adds help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds help if there is any.
    #[must_use]
    pub(crate) fn with_help_if(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Returns true if the finding must stop a run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Returns the file that it is about; none if it is about no file.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.at.as_ref().map(Span::file).or(self.file.as_deref())
    }

    /// Returns `file:line:column`, or the file, or nothing.
    pub fn place(&self) -> Option<String> {
        match &self.at {
            Some(at) => Some(at.to_string()),
            None => self.file.clone(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// Sorts findings by file and place, and removes repeated ones.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| {
            (
                d.at.as_ref()
                    .map(|at| at.file().to_owned())
                    .or_else(|| d.file.clone()),
                d.at.as_ref().map(|at| at.range().start),
            )
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| b.severity.cmp(&a.severity))
    });
    diagnostics.dedup();
}
