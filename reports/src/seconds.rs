//! Milliseconds as decimal seconds, for programs.

/// Returns seconds with three decimals: `315.790`.
pub(crate) fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Returns seconds without zeros at the end: `315.79`, `5`.
pub(crate) fn seconds_short(ms: u64) -> String {
    let seconds = seconds(ms);
    seconds
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_is_lost() {
        for (ms, whole, short) in [
            (0, "0.000", "0"),
            (5, "0.005", "0.005"),
            (5_000, "5.000", "5"),
            (100_000, "100.000", "100"),
            (315_790, "315.790", "315.79"),
        ] {
            assert_eq!(
                (seconds(ms).as_str(), seconds_short(ms).as_str()),
                (whole, short)
            );
        }
    }
}
