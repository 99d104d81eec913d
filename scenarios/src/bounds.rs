//! Limits of what a project may ask for: its files come from anybody, and a few lines can stand for gigabytes.

use crate::finding::{Code, Diagnostic, Span};

/// Bytes of the largest text that comes of a file: a text with the values of its variables, all values of one `vars:`,
/// all texts of a scenario's steps.
pub(crate) const MOST_TEXT: usize = 1 << 20;

/// Bytes of the variables that a step sees together.
pub(crate) const MOST_HELD: usize = 4 << 20;

/// Stages, groups and files inside each other, or after each other.
pub(crate) const DEEPEST: usize = 64;

/// A variable was to hold more than a variable may, or more than is left for all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TooMuchHeld {
    /// One value is too long.
    #[error("the variable `{name}` would hold {bytes} bytes; at most {MOST_TEXT} are kept")]
    One {
        /// The variable.
        name: String,
        /// The length of the value.
        bytes: usize,
    },
    /// All together are too long.
    #[error(
        "all variables together would hold {bytes} bytes with `{name}`; at most {MOST_HELD} are kept"
    )]
    All {
        /// The variable that was one too many.
        name: String,
        /// Their length with it.
        bytes: usize,
    },
}

impl TooMuchHeld {
    /// The advice that goes with it.
    pub const HELP: &'static str = "keep less: a part of the text, or let a later `set` make a long value empty again; \
                                    a value that is put into itself grows with every step";
}

/// The finding about text that grows beyond every use.
pub(crate) fn too_long(at: &Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        Code::TooMuchText,
        at,
        format!("{what} would be longer than {MOST_TEXT} bytes"),
    )
    .with_help("values that are put into each other multiply: write less of them")
}
