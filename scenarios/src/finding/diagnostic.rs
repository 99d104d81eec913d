use std::fmt;

use super::code::Code;
use super::severity::Severity;
use super::span::Span;

/// A finding about a scenario, a project file or a needle.
///
/// It displays as one line without the place, such as ``unknown verb `cilck` ``; [`Diagnostic::render`] shows the
/// place, the source line and the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// Which check found it: a stable name.
    pub code: Code,
    /// What is wrong: a lowercase fragment without a final stop.
    pub message: String,
    /// Where. Absent when it is about no text file of ours: the command line, a needle.
    pub at: Option<Span>,
    /// The path of the file when there is no place in it.
    pub file: Option<String>,
    /// What to write instead, what exists, what to do next.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding at a place, with the severity that belongs to its code.
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

    /// A finding about something that is in no text file: a name of the command line.
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

    /// A finding about a whole file, such as a needle.
    pub fn about_file(code: Code, file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: Some(file.into()),
            ..Self::without_place(code, message)
        }
    }

    /// The same with help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with help, where there is any.
    #[must_use]
    pub(crate) fn with_help_if(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Whether it must stop a run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// `file:line:column`, or the file, or nothing.
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

/// Orders findings the way a reader goes through files, and drops repetitions.
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
