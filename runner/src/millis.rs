//! Times in whole milliseconds, as in the event log.

use std::time::Duration;

/// Returns a time in milliseconds. If the time is too long, it returns the largest number.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
