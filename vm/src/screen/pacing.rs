use std::time::Duration;

/// Time between the beginnings of two captures while things happen. Menus fade in over some 100 ms, so a few frames show it.
const QUICK: Duration = Duration::from_millis(50);

/// The same when nothing has happened for long. A capture of 1024 x 768 costs some 1 ms here and 5 ms in QEMU.
const IDLE: Duration = Duration::from_millis(500);

/// How long after an input or a change captures stay quick.
const ALERT: Duration = Duration::from_secs(1);

/// Time from the beginning of a capture to that of the next, when the last input or change was `quiet` ago: quick at first, then ever
/// slower, idle after some 4 seconds.
pub(super) fn interval(quiet: Duration) -> Duration {
    let beyond = quiet.saturating_sub(ALERT);
    (QUICK + beyond / 6).min(IDLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_are_quick_for_a_second_and_slow_down_to_two_a_second() {
        let rows = [
            (0, 50),
            (999, 50),
            (1_000, 50),
            (1_600, 150),
            (2_500, 300),
            (3_700, 500),
            (1_000_000, 500),
        ];
        for (quiet, expected) in rows {
            assert_eq!(
                interval(Duration::from_millis(quiet)),
                Duration::from_millis(expected)
            );
        }
    }
}
