//! Counts the time in which this program did not run: it was stopped, frozen with its control group, or got no core.
//!
//! A thread wakes up every [`BEAT`] and notes the time. A note that is late by more than [`SLACK`] is a gap. A call
//! before the thread has noted a gap includes that gap, so the order of threads after a gap does not matter.
//!
//! The clock is that of [`Instant`], which stands still while the host sleeps, as every machine does.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::time::timeout;

/// The time between two notes of the thread.
const BEAT: Duration = Duration::from_millis(100);

/// The longest delay of a note on a busy host that is no gap.
const SLACK: Duration = Duration::from_millis(500);

/// Returns the sum of all gaps of this program up to `now`. Never shrinks by more than it grows. The first call starts
/// the thread.
pub(crate) fn total(now: Instant) -> Duration {
    static BEATS: OnceLock<Mutex<Beats>> = OnceLock::new();
    let mut is_new = false;
    let beats = BEATS.get_or_init(|| {
        is_new = true;
        Mutex::new(Beats::new(now))
    });
    if is_new {
        let beat = move || {
            loop {
                thread::sleep(BEAT);
                let mut beats = beats.lock().unwrap_or_else(PoisonError::into_inner);
                beats.beat(Instant::now());
            }
        };
        let thread = thread::Builder::new().name("own-gaps".to_owned());
        if thread.spawn(beat).is_err() {
            // Without the thread, gaps could not be told from other time.
            beats
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_blind = true;
        }
    }
    beats
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .total(now)
}

/// Runs the work within a limit, in which gaps do not count. Returns none if it took longer. Can be dropped at any
/// time.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let before = total(Instant::now());
    let (mut left, mut forgiven) = (limit, Duration::ZERO);
    tokio::pin!(work);
    loop {
        if let Ok(done) = timeout(left, &mut work).await {
            return Some(done);
        }
        let gaps = total(Instant::now()).saturating_sub(before);
        left = gaps.saturating_sub(forgiven);
        forgiven = gaps;
        if left.is_zero() {
            return None;
        }
    }
}

/// The notes of the thread.
#[derive(Debug)]
pub(crate) struct Beats {
    last: Instant,
    settled: Duration,
    is_blind: bool,
}

impl Beats {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            last: now,
            settled: Duration::ZERO,
            is_blind: false,
        }
    }

    /// Notes that the program runs now.
    pub(crate) fn beat(&mut self, now: Instant) {
        self.settled = self.total(now);
        self.last = self.last.max(now);
    }

    /// Returns the sum of all gaps up to `now`, with the one that has just ended.
    pub(crate) fn total(&self, now: Instant) -> Duration {
        let late = now
            .saturating_duration_since(self.last)
            .saturating_sub(BEAT);
        let gap = if late > SLACK && !self.is_blind {
            late
        } else {
            Duration::ZERO
        };
        self.settled + gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_counts_once_whoever_asks_first() {
        let start = Instant::now();
        let mut beats = Beats::new(start);
        for beat in 1..=50 {
            beats.beat(start + BEAT * beat);
        }
        let stopped = start + BEAT * 50;
        assert_eq!(beats.total(stopped + SLACK), Duration::ZERO);
        let minute = Duration::from_secs(60);
        assert_eq!(beats.total(stopped + BEAT + minute), minute);
        beats.beat(stopped + BEAT + minute);
        assert_eq!(beats.total(stopped + BEAT + minute), minute);
        assert_eq!(beats.total(stopped + BEAT * 3 + minute), minute);
    }

    #[test]
    fn a_busy_host_makes_no_gap() {
        let start = Instant::now();
        let mut beats = Beats::new(start);
        let mut now = start;
        for _ in 0..100 {
            now += BEAT + SLACK;
            beats.beat(now);
        }
        assert_eq!(beats.total(now), Duration::ZERO);
    }
}
