//! The reasons why a file was not copied.

use reports::human_size;

/// The reason why a file was not copied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::engine) enum TransferError {
    /// The guest has no such file. Its own words.
    #[error("{0}")]
    Absent(String),
    /// The guest refused for another reason. Its own words.
    #[error("{0}")]
    Refused(String),
    /// The file in the guest is not what was written.
    #[error("it has {has} bytes there and was written with {written}, or its checksum differs")]
    Differs {
        /// The size that the guest tells.
        has: u64,
        /// The size of what was written.
        written: u64,
    },
    /// The file is larger than may be copied.
    #[error("it has {}, and at most {} are copied", shown(*.size, *.most), human_size(*.most))]
    TooLarge {
        /// Its size; none if only the limit is known to be exceeded.
        size: Option<u64>,
        /// The limit.
        most: u64,
    },
    /// The file has changed during each try.
    #[error("it changed each time while it was copied")]
    Changes,
    /// The guest had no room for the answer.
    #[error("the guest lost a part of the answer")]
    Cut,
    /// The answer makes no sense.
    #[error("the answer makes no sense: `{0}`")]
    Nonsense(String),
}

fn shown(size: Option<u64>, most: u64) -> String {
    size.map_or_else(|| format!("more than {}", human_size(most)), human_size)
}
