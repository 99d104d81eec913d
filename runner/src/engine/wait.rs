//! The deadline of a step. It moves by the time in which the guest could not run or `qa` could not listen.

use std::time::Duration;
use tokio::time::Instant;

use reports::human_duration;
use vm::{Starvation, TimeTaken};

use crate::millis::millis;

/// The deadline of verbs without one: longer than any step, so that all waits are computed alike.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The shortest lost time that a message mentions. Every host delays a process for a moment now and then.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// The wait of a step. Only time counts in which the guest could run and `qa` could listen.
///
/// The deadline moves by the time that was taken from the machine since the step began, so callers must not store it.
/// A wait that reached its deadline continues until it [is over](Self::is_over): QEMU has confirmed that the machine
/// ran at the deadline, and the caller has looked since.
#[derive(Debug)]
pub(super) struct Wait {
    limit: Duration,
    stated: Instant,
    starvation: Starvation,
    taken_before: TimeTaken,
}

impl Wait {
    /// Makes a wait that begins now, on the machine of `starvation`. Without a limit, it lasts a day.
    pub(super) fn new(limit: Option<Duration>, starvation: Starvation) -> Self {
        let limit = limit.unwrap_or(DAY).min(DAY);
        Self {
            limit,
            stated: Instant::now() + limit,
            taken_before: starvation.taken(),
            starvation,
        }
    }

    /// Returns a wait on the same machine that begins now, with this limit, but not longer than this wait.
    pub(super) fn at_most(&self, limit: Duration) -> Self {
        Self::new(Some(self.remaining().min(limit)), self.starvation.clone())
    }

    /// Returns a wait on the same machine that begins now, for something that must last for this time.
    pub(super) fn lasting(&self, time: Duration) -> Self {
        Self::new(Some(time), self.starvation.clone())
    }

    /// Returns the moment at which it began.
    pub(super) fn began(&self) -> Instant {
        self.stated.checked_sub(self.limit).unwrap_or(self.stated)
    }

    /// Returns the moment at which the wait is over, if no more time is taken from the machine.
    pub(super) fn deadline(&self) -> Instant {
        self.stated + self.taken().total().min(DAY)
    }

    /// Returns whether the deadline has passed, QEMU has confirmed that the machine ran at that time, and everything
    /// that came until then could be seen when [`Session::wake`](super::session::Session::wake) returned last. If this
    /// is false at the deadline, the next `wake` waits for the confirmation.
    pub(super) fn is_over(&self) -> bool {
        self.remaining().is_zero() && self.starvation.is_proven(self.deadline())
    }

    /// Returns the time until the deadline; zero if it has passed.
    pub(super) fn remaining(&self) -> Duration {
        self.deadline().saturating_duration_since(Instant::now())
    }

    /// Returns the limit in words, with the time that was added to it and why: `30s, and 5s more in which ...`.
    pub(super) fn words(&self) -> String {
        let mut words = in_words(self.limit);
        let taken = self.taken();
        for (time, why) in [
            (taken.by_host, "the host gave the machine no processor"),
            (taken.by_stops, "QEMU or the machine was stopped"),
            (taken.by_own_stops, "qa was stopped"),
        ] {
            if time >= WORTH_TELLING {
                words.push_str(&format!(", and {} more in which {why}", in_words(time)));
            }
        }
        words
    }

    /// Returns the time that was taken from the machine since the wait began.
    fn taken(&self) -> TimeTaken {
        let (now, before) = (self.starvation.taken(), self.taken_before);
        TimeTaken {
            by_host: now.by_host.saturating_sub(before.by_host),
            by_stops: now.by_stops.saturating_sub(before.by_stops),
            by_own_stops: now.by_own_stops.saturating_sub(before.by_own_stops),
        }
    }
}

fn in_words(time: Duration) -> String {
    human_duration(millis(time))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Makes a machine with one processor, on a host that delays it as the test says.
    struct Host(TempDir);

    impl Host {
        fn new() -> Self {
            let host = Self(tempfile::tempdir().unwrap());
            host.starve(Duration::from_secs(500));
            host
        }

        fn starve(&self, since_ever: Duration) {
            let folder = self.0.path().join("7/task/8");
            fs::create_dir_all(&folder).unwrap();
            let text = format!("1 {} 1\n", since_ever.as_nanos());
            fs::write(folder.join("schedstat"), text).unwrap();
        }

        fn starvation(&self) -> Starvation {
            Starvation::new(self.0.path(), 7, [8])
        }
    }

    #[test]
    fn a_wait_that_is_over_goes_on_for_what_the_host_has_taken() {
        let host = Host::new();
        let wait = Wait::new(Some(Duration::ZERO), host.starvation());
        assert!(wait.is_over());
        host.starve(Duration::from_secs(500) + MINUTE * 60);
        assert!(!wait.is_over());
        assert!(wait.remaining() > MINUTE * 50);
        assert_eq!(wait.deadline(), wait.stated + MINUTE * 60);
        let shorter = wait.at_most(MINUTE);
        assert!(shorter.remaining() <= MINUTE);
    }

    #[test]
    fn what_was_starved_before_the_step_is_not_its_own() {
        let host = Host::new();
        let starvation = host.starvation();
        host.starve(Duration::from_secs(500) + MINUTE * 60);
        let wait = Wait::new(Some(Duration::ZERO), starvation);
        assert!(wait.is_over());
        assert_eq!(wait.deadline(), wait.stated);
    }

    #[test]
    fn the_words_tell_what_was_added_where_it_matters() {
        let host = Host::new();
        let wait = Wait::new(Some(MINUTE * 12), host.starvation());
        host.starve(Duration::from_millis(500_999));
        assert_eq!(wait.words(), "12m");
        host.starve(Duration::from_secs(580));
        assert_eq!(
            wait.words(),
            "12m, and 1m 20s more in which the host gave the machine no processor"
        );
    }

    #[test]
    fn a_wait_without_a_limit_lasts_a_day() {
        let wait = Wait::new(None, Starvation::default());
        assert!(wait.remaining() > DAY - MINUTE);
        // No counter of the host makes an `Instant` overflow.
        let host = Host::new();
        let wait = Wait::new(Some(Duration::MAX), host.starvation());
        host.starve(Duration::from_nanos(u64::MAX));
        assert_eq!(wait.deadline(), wait.stated + DAY);
    }
}
