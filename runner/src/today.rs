//! The present day, by which soft failures expire.

use scenarios::Date;
use time::OffsetDateTime;

/// Returns the present day, in UTC; none if the year of the clock cannot be written in a scenario.
pub(crate) fn today() -> Option<Date> {
    let now = OffsetDateTime::now_utc();
    Date::new(
        u16::try_from(now.year()).ok()?,
        now.month().into(),
        now.day(),
    )
}
