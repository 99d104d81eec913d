//! The time between two captures of the screen.

use std::time::Duration;

/// The time between the beginnings of two captures right after an input. Menus fade in over some 100 ms, so a few
/// frames show it.
const QUICK: Duration = Duration::from_millis(50);

/// The same time while the screen changes by itself, as during a boot or under a spinner. Every new frame is copied and
/// searched. At full speed that would take a good part of a processor for minutes.
const CHANGING: Duration = Duration::from_millis(200);

/// The same time when nothing has happened for long. A boot menu behind a logo shows for a second, in which it must be
/// found and a key pressed. A capture of 1024 x 768 takes some 1 ms here and 5 ms in QEMU.
const IDLE: Duration = Duration::from_millis(250);

/// The time after an input or a change during which captures keep their speed.
const ALERT: Duration = Duration::from_secs(1);

/// Returns the time from the beginning of a capture to that of the next, for this time since the last input and the
/// last change. At first it is the shorter one of both, then it grows, up to the idle time after some 2 seconds.
pub(super) fn interval(since_input: Duration, since_change: Duration) -> Duration {
    slowed(QUICK, since_input).min(slowed(CHANGING, since_change))
}

fn slowed(quickest: Duration, quiet: Duration) -> Duration {
    (quickest + quiet.saturating_sub(ALERT) / 6).min(IDLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: u64 = 1_000_000;

    #[test]
    fn captures_are_quick_after_an_input_slower_while_the_screen_changes_and_idle_in_the_end() {
        let rows = [
            (0, LONG, 50),
            (999, LONG, 50),
            (1_600, LONG, 150),
            (2_200, LONG, 250),
            (3_700, LONG, 250),
            (LONG, 0, 200),
            (LONG, 999, 200),
            (LONG, 1_150, 225),
            (LONG, 2_800, 250),
            (LONG, LONG, 250),
            // The quicker one.
            (0, 0, 50),
            (2_500, 0, 200),
        ];
        for (input, change, expected) in rows {
            assert_eq!(
                interval(Duration::from_millis(input), Duration::from_millis(change)),
                Duration::from_millis(expected),
                "{input} {change}"
            );
        }
    }
}
