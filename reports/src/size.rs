//! Sizes as people read them.

const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];

/// Returns a size in the largest unit that fits, with one decimal below ten: `512 MiB`, `7.7 GiB`. It is cut off and
/// never rounded up, as in [`human_duration`](crate::human_duration).
///
/// ```
/// assert_eq!(reports::human_size(1 << 30), "1 GiB");
/// ```
pub fn human_size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut unit = 1024;
    let mut name = UNITS[0];
    for larger in &UNITS[1..] {
        if bytes / unit < 1024 {
            break;
        }
        unit *= 1024;
        name = larger;
    }
    let whole = bytes / unit;
    match bytes % unit * 10 / unit {
        tenths @ 1..10 if whole < 10 => format!("{whole}.{tenths} {name}"),
        _ => format!("{whole} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_the_unit_that_people_would_use() {
        for (bytes, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KiB"),
            (1_535, "1.4 KiB"),
            (512 << 20, "512 MiB"),
            (7_933 << 20, "7.7 GiB"),
            (15 << 30, "15 GiB"),
            (3 << 40, "3 TiB"),
            (u64::MAX, "16777215 TiB"),
        ] {
            assert_eq!(human_size(bytes), text, "{bytes}");
        }
    }
}
