/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Works, but could be better.
    Note,
    /// Probably not what was meant.
    Warning,
    /// Cannot be run.
    Error,
}

impl Severity {
    /// The word used in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
