//! News of a running step. A live view shows them; no log keeps them.

/// Something about a run that is worth showing now and not worth keeping.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The scenario that it is about, as in [`Envelope`](crate::Envelope).
    pub scenario: Option<String>,
    /// The attempt at it.
    pub attempt: Option<u32>,
    /// The machine, where the scenario has several.
    pub machine: Option<String>,
    /// The thing to show.
    pub kind: NoticeKind,
}

/// The kinds of notices.
#[derive(Debug, Clone, PartialEq)]
pub enum NoticeKind {
    /// The needle that is nearest to the screen so far, of those that a step looks for.
    Nearest {
        /// Name of the needle.
        needle: String,
        /// The similarity of its worst area.
        similarity: f64,
        /// The similarity that this area requires.
        required: f64,
    },
}
