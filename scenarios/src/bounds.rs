//! Limits on the size of a project's files and values. Anybody can write these files, and a few lines can stand for
//! gigabytes.

use crate::finding::{Code, Diagnostic, Span};

/// The greatest length in bytes of a text that is made from a file: a text with the values of its variables, all values
/// of one `vars:`, all texts of a scenario's steps.
pub(crate) const MOST_TEXT: usize = 1 << 20;

/// The greatest length in bytes of all variables that one step sees.
pub(crate) const MOST_HELD: usize = 4 << 20;

/// The greatest depth of stages, groups and files that contain or follow each other.
pub(crate) const DEEPEST: usize = 64;

/// A variable would become too long, or all variables together would.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VarsTooLong {
    /// One value is too long.
    #[error("the variable `{name}` would hold {bytes} bytes; at most {MOST_TEXT} are kept")]
    One {
        /// The variable.
        name: String,
        /// The length of the value.
        bytes: usize,
    },
    /// All values together are too long.
    #[error(
        "all variables together would hold {bytes} bytes with `{name}`; at most {MOST_HELD} are kept"
    )]
    All {
        /// The variable that exceeds the limit.
        name: String,
        /// The length of all values with it.
        bytes: usize,
    },
}

impl VarsTooLong {
    /// The advice for the user.
    pub const HELP: &'static str = "keep less: a part of the text, or let a later `set` make a long value empty again; \
                                    a value that is put into itself grows with every step";
}

/// Makes the finding about a text that would become too long.
pub(crate) fn too_long(at: &Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        Code::TooMuchText,
        at,
        format!("{what} would be longer than {MOST_TEXT} bytes"),
    )
    .with_help("values that are put into each other multiply: write less of them")
}
