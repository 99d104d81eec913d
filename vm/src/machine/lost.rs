//! A machine that can no longer be controlled.

/// The reason why a machine can no longer be controlled: it does not answer, or a part that it needs has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The fact, as a sentence without a full stop.
    pub what: String,
    /// The advice on what to do about it.
    pub advice: String,
}
