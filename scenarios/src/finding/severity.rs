//! The severity of a finding.

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Correct, but it could be better.
    Note,
    /// Probably a mistake.
    Warning,
    /// The file cannot be run.
    Error,
}

impl Severity {
    /// Returns the word for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
