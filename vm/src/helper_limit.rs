//! The time limit of programs that run for a moment.

use std::time::Duration;

/// The variable that names another limit in milliseconds, for tests.
const VARIABLE: &str = "QA_HELPER_LIMIT";

/// Returns the limit of a program such as `qemu-img`: `usual`, unless the environment names another one.
#[must_use]
pub fn helper_limit(usual: Duration) -> Duration {
    let told = std::env::var(VARIABLE).ok();
    let told = told.and_then(|told| told.parse().ok());
    told.map_or(usual, Duration::from_millis)
}
