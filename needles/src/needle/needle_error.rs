//! The reasons why a needle file cannot be used.

use thiserror::Error;

/// A reason why a needle file cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NeedleError {
    /// The file is too long; the limit is [`NeedleError::MAX_BYTES`].
    #[error(
        "needle `{name}`: the file has {bytes} bytes, more than {}",
        Self::MAX_BYTES
    )]
    TooLong {
        /// The needle.
        name: String,
        /// The length of the file.
        bytes: usize,
    },
    /// The file is not JSON, or is nested too deeply.
    #[error("needle `{name}`: {reason}")]
    Json {
        /// The needle.
        name: String,
        /// The JSON reader's message, with line and column.
        reason: String,
    },
    /// A value has the wrong type.
    #[error("needle `{name}`: {field}: expected {expected}, found {found}")]
    Type {
        /// The needle.
        name: String,
        /// The place in the file, such as `area[2].xpos`.
        field: String,
        /// The expected type.
        expected: &'static str,
        /// The value that was found.
        found: String,
    },
    /// The needle has neither a match area nor a text to read, so there is nothing to find.
    #[error("needle `{name}` has no area of type `match`, so there is nothing to find")]
    NoMatchArea {
        /// The needle.
        name: String,
    },
    /// The needle has too many areas; the limit is [`NeedleError::MAX_AREAS`].
    #[error("needle `{name}` has {areas} areas, more than {}", Self::MAX_AREAS)]
    TooManyAreas {
        /// The needle.
        name: String,
        /// The number of areas.
        areas: usize,
    },
    /// Several click points, at least one of them without an id.
    #[error("needle `{name}` has several click points, but not all of them have an `id`")]
    ClickPointsWithoutId {
        /// The needle.
        name: String,
    },
    /// A regular expression cannot be parsed.
    #[error("needle `{name}`: {field}: {reason}")]
    Expression {
        /// The needle.
        name: String,
        /// The place in the file.
        field: String,
        /// The parser's message.
        reason: String,
    },
    /// The first match area is anchored. The others move with it, so it must not be.
    #[error(
        "needle `{name}`: the first match area can't be anchored, since the others are placed by it"
    )]
    AnchoredFirst {
        /// The needle.
        name: String,
    },
}

impl NeedleError {
    /// The longest needle file that is read, in bytes. Real files have less than 10,000.
    pub const MAX_BYTES: usize = 1 << 20;
    /// The greatest number of areas. Real needles have at most ten.
    pub const MAX_AREAS: usize = 1000;
}
