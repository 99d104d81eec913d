//! Times as the event log holds them: whole milliseconds.

use std::time::Duration;

/// Returns a time in milliseconds. A time that is too long for the number is as long as the number can say.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
