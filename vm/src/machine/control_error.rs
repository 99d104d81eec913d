//! The error of a machine that did not do something.

use super::Capability;

/// The reason why a machine did not do something, for any backend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct ControlError {
    /// The kind, for decisions.
    pub kind: ControlErrorKind,
    /// The words of the backend, for people: the request, and what went wrong.
    pub words: String,
}

/// A kind of [`ControlError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ControlErrorKind {
    /// The machine is there, and refused.
    Refused,
    /// The machine cannot do it.
    Lacking(Capability),
    /// The machine did not answer in time.
    Silent,
    /// The machine has ended, or cannot be reached any more.
    Gone,
    /// The answer was not understood, or the question could not be asked.
    NotUnderstood,
}
