use crate::Span;

/// Where the value of a secret comes from. This crate never reads it: whoever runs the scenario does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable: `{ env: NAME }`.
    Env(String),
    /// A file, relative to the file that declares it: `{ file: path }`. One line end at its end is not part of it.
    File(String),
}

/// A declared secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its name as a variable.
    pub name: String,
    /// Where its value comes from.
    pub source: SecretSource,
    /// Where it is declared.
    pub at: Span,
}
