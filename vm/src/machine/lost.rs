//! A machine of which nothing can be told any more.

/// The machine cannot be told anything about any more: it does not answer, or something that it needs has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The event, as a sentence without a full stop.
    pub what: String,
    /// The advice on what to do about it.
    pub advice: String,
}
