use std::time::Duration;
use tokio::time::Instant;

use reports::human_duration;
use vm::{Starvation, TimeTaken};

use crate::millis::millis;

/// What verbs that wait without a deadline of their own get: longer than any step, and it keeps arithmetic simple.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Less than this is not worth a word: every host lets a processor wait for a moment now and then.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// The wait of a step, with its deadline. Only time counts in which the guest could run and `qa` could listen.
///
/// The deadline moves by the time that was taken from the machine since the step began, so it is asked for anew
/// whenever it is needed, and a wait that reached it goes on unless it [is over](Self::is_over): the session has heard
/// from QEMU that the machine ran at the deadline, and the caller has looked since.
#[derive(Debug)]
pub(super) struct Wait {
    limit: Duration,
    stated: Instant,
    starvation: Starvation,
    taken_before: TimeTaken,
}

impl Wait {
    /// Begins now, on the machine that `starvation` is of.
    pub(super) fn new(limit: Option<Duration>, starvation: Starvation) -> Self {
        let limit = limit.unwrap_or(DAY).min(DAY);
        Self {
            limit,
            stated: Instant::now() + limit,
            taken_before: starvation.taken(),
            starvation,
        }
    }

    /// A shorter wait that begins now, on the same machine.
    pub(super) fn at_most(&self, limit: Duration) -> Self {
        Self::new(Some(self.remaining().min(limit)), self.starvation.clone())
    }

    /// A wait that begins now, on the same machine: something must last so long.
    pub(super) fn lasting(&self, time: Duration) -> Self {
        Self::new(Some(time), self.starvation.clone())
    }

    /// The moment at which the wait is over, if nothing takes time from the machine from now on.
    pub(super) fn deadline(&self) -> Instant {
        self.stated + self.taken().total().min(DAY)
    }

    /// Returns whether the deadline has passed, QEMU has told that the machine ran at that time, and all that came
    /// until then was there to be looked at when [`Session::wake`](super::session::Session::wake) returned last. Where
    /// it is false at the deadline, the next `wake` brings the proof.
    pub(super) fn is_over(&self) -> bool {
        self.remaining().is_zero() && self.starvation.is_proven(self.deadline())
    }

    /// How much of it is left.
    pub(super) fn remaining(&self) -> Duration {
        self.deadline().saturating_duration_since(Instant::now())
    }

    /// The limit for people, and what was added to it when that is worth telling.
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

    /// A machine with one processor, on a host that keeps it waiting as the test says.
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
        // No counter of the host leads out of what an `Instant` can hold.
        let host = Host::new();
        let wait = Wait::new(Some(Duration::MAX), host.starvation());
        host.starve(Duration::from_nanos(u64::MAX));
        assert_eq!(wait.deadline(), wait.stated + DAY);
    }
}
