//! The day on which soft failures expire.

use scenarios::Date;
use time::OffsetDateTime;

/// The present day, UTC; none where the clock stands outside the years that a scenario can write.
pub(crate) fn today() -> Option<Date> {
    let now = OffsetDateTime::now_utc();
    Date::new(
        u16::try_from(now.year()).ok()?,
        now.month().into(),
        now.day(),
    )
}
