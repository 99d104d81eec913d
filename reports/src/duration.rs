//! Durations as people read them.

/// Returns a duration in the notation that scenarios use: `250ms`, `3.2s`, `42s`, `1m 5s`, `2h 3m`.
///
/// It is cut off and never rounded up: a wait that ended before its deadline must not look as if it reached the
/// deadline.
///
/// ```
/// assert_eq!(reports::human_duration(65_000), "1m 5s");
/// ```
pub fn human_duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match ms {
        0..1_000 => format!("{ms}ms"),
        1_000..10_000 => match ms % 1000 / 100 {
            0 => format!("{seconds}s"),
            tenths => format!("{seconds}.{tenths}s"),
        },
        10_000..60_000 => format!("{seconds}s"),
        60_000..3_600_000 => two(seconds / 60, 'm', seconds % 60, 's'),
        _ => two(seconds / 3600, 'h', seconds / 60 % 60, 'm'),
    }
}

/// Returns an age in one unit: `42s`, `5m`, `2h`, `3 days`. It is cut off like a duration.
///
/// ```
/// assert_eq!(reports::human_age(7_380_000), "2h");
/// ```
pub fn human_age(ms: u64) -> String {
    let minutes = ms / 60_000;
    match minutes {
        0 => format!("{}s", ms / 1000),
        1..60 => format!("{minutes}m"),
        60..2_880 => format!("{}h", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}

fn two(large: u64, large_unit: char, small: u64, small_unit: char) -> String {
    if small == 0 {
        format!("{large}{large_unit}")
    } else {
        format!("{large}{large_unit} {small}{small_unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_at_most_two_units_and_are_never_rounded_up() {
        for (ms, text) in [
            (0, "0ms"),
            (999, "999ms"),
            (1_000, "1s"),
            (3_299, "3.2s"),
            (9_999, "9.9s"),
            (42_999, "42s"),
            (59_999, "59s"),
            (60_000, "1m"),
            (65_000, "1m 5s"),
            (3_599_999, "59m 59s"),
            (3_600_000, "1h"),
            (7_380_000, "2h 3m"),
            (u64::MAX, "5124095576030h 25m"),
        ] {
            assert_eq!(human_duration(ms), text, "{ms}");
        }
    }

    #[test]
    fn ages_have_one_unit() {
        for (ms, text) in [
            (0, "0s"),
            (59_999, "59s"),
            (60_000, "1m"),
            (3_599_999, "59m"),
            (3_600_000, "1h"),
            (172_799_999, "47h"),
            (172_800_000, "2 days"),
            (u64::MAX, "213503982334 days"),
        ] {
            assert_eq!(human_age(ms), text, "{ms}");
        }
    }
}
