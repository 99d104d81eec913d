//! The time that programs get which run for a moment.

use std::time::Duration;

/// The variable that names another limit in milliseconds: tests have less of it.
const VARIABLE: &str = "QA_HELPER_LIMIT";

/// Returns the time that a program such as `qemu-img` gets: `usual`, unless the environment names another limit.
#[must_use]
pub fn helper_limit(usual: Duration) -> Duration {
    let told = std::env::var(VARIABLE).ok();
    let told = told.and_then(|told| told.parse().ok());
    told.map_or(usual, Duration::from_millis)
}
