//! The result of a search for a checkpoint: one that can be used, and those that cannot.

use std::sync::Arc;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vm::checkpoint::Lease;

/// A checkpoint that an attempt can start from.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Found {
    /// The index of the stage at whose end it was saved; the first is 0.
    pub stage: usize,
    /// The checkpoint.
    pub lease: Arc<Lease>,
    /// True if it was made in this run.
    pub this_run: bool,
}

/// A checkpoint that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Unusable {
    /// The name of the scenario at whose end it was saved.
    pub stage: String,
    /// The reason, for people.
    pub reason: String,
}

/// Returns the age in milliseconds of a checkpoint that was saved at this RFC 3339 time. Returns 0 if the host's clock
/// went back or the time cannot be read.
pub(in crate::engine) fn age_ms(saved: &str) -> u64 {
    let Ok(saved) = OffsetDateTime::parse(saved, &Rfc3339) else {
        return 0;
    };
    let age = OffsetDateTime::now_utc() - saved;
    u64::try_from(age.whole_milliseconds()).unwrap_or(0)
}
