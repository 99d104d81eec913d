use thiserror::Error;

/// Why a needle file can't be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NeedleError {
    /// Longer than any needle: the limit is [`NeedleError::MAX_BYTES`].
    #[error(
        "needle `{name}`: the file has {bytes} bytes, more than {}",
        Self::MAX_BYTES
    )]
    TooLong {
        /// The needle.
        name: String,
        /// What it has.
        bytes: usize,
    },
    /// Not JSON, or nested too deep.
    #[error("needle `{name}`: {reason}")]
    Json {
        /// The needle.
        name: String,
        /// What the JSON reader said, with line and column.
        reason: String,
    },
    /// A value of the wrong type.
    #[error("needle `{name}`: {field}: expected {expected}, found {found}")]
    Type {
        /// The needle.
        name: String,
        /// Where in the file, as `area[2].xpos`.
        field: String,
        /// What belongs there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Nothing to find.
    #[error("needle `{name}` has no area of type `match`, so there is nothing to find")]
    NoMatchArea {
        /// The needle.
        name: String,
    },
    /// More areas than any needle: the limit is [`NeedleError::MAX_AREAS`].
    #[error("needle `{name}` has {areas} areas, more than {}", Self::MAX_AREAS)]
    TooManyAreas {
        /// The needle.
        name: String,
        /// How many.
        areas: usize,
    },
    /// Several click points, at least one without a name.
    #[error("needle `{name}` has several click points, but not all of them have an `id`")]
    ClickPointsWithoutId {
        /// The needle.
        name: String,
    },
    /// A regular expression that doesn't parse.
    #[error("needle `{name}`: {field}: {reason}")]
    Expression {
        /// The needle.
        name: String,
        /// Where in the file.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An anchored first match area: the others are measured from it.
    #[error(
        "needle `{name}`: the first match area can't be anchored, since the others are placed by it"
    )]
    AnchoredFirst {
        /// The needle.
        name: String,
    },
}

impl NeedleError {
    /// The longest needle file that is read, in bytes. Real ones have less than 10,000.
    pub const MAX_BYTES: usize = 1 << 20;
    /// The most areas of a needle. Real ones have at most ten.
    pub const MAX_AREAS: usize = 1000;
}
