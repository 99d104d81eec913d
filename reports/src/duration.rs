//! Durations as people read them.

/// A duration in the notation that scenarios use: `250ms`, `3.2s`, `42s`, `1m 5s`, `2h 3m`.
///
/// What is cut off is dropped, never rounded up: a wait that ended before its deadline must not look as if it reached it.
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
}
