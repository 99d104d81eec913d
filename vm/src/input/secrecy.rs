//! Marks text that must not be in logs.

/// Tells whether logs may show a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// Logs may show it.
    Open,
    /// It is a secret: `qmp.log` shows `•••` instead of its keys.
    Secret,
}
