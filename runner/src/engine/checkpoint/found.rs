//! Checkpoints that were found: one that can be used, and those that cannot.

use std::sync::Arc;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vm::checkpoint::Lease;

/// A checkpoint that an attempt can start from.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Found {
    /// The stage at whose end it stands, counted from 0.
    pub stage: usize,
    /// The checkpoint.
    pub lease: Arc<Lease>,
    /// Whether it was made in this run.
    pub this_run: bool,
}

/// A checkpoint that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Unusable {
    /// Name of the scenario at whose end it stands.
    pub stage: String,
    /// Why, for people.
    pub reason: String,
}

/// How old a checkpoint is; zero where the clock went back.
pub(in crate::engine) fn age_ms(saved: &str) -> u64 {
    let Ok(saved) = OffsetDateTime::parse(saved, &Rfc3339) else {
        return 0;
    };
    let age = OffsetDateTime::now_utc() - saved;
    u64::try_from(age.whole_milliseconds()).unwrap_or(0)
}
