use std::time::{Duration, Instant};

use reports::human_duration;
use vm::Starvation;

/// What verbs that wait without a deadline of their own get: longer than any step, and it keeps arithmetic simple.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Less than this is not worth a word: every host lets a processor wait for a moment now and then.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// How long a step may wait: so long as it says, counted in time that the guest could run.
///
/// The deadline moves by what the host has starved the machine since the step began, so it is asked for anew whenever it is
/// needed, and a wait that reached it goes on unless it [is over](Self::is_over).
#[derive(Debug)]
pub(super) struct Wait {
    limit: Duration,
    stated: Instant,
    starvation: Starvation,
    starved_before: Duration,
}

impl Wait {
    /// Begins now, on the machine that `starvation` is of.
    pub(super) fn new(limit: Option<Duration>, starvation: Starvation) -> Self {
        let limit = limit.unwrap_or(DAY).min(DAY);
        Self {
            limit,
            stated: Instant::now() + limit,
            starved_before: starvation.total(),
            starvation,
        }
    }

    /// A shorter wait that begins now, on the same machine.
    pub(super) fn at_most(&self, limit: Duration) -> Self {
        Self::new(Some(self.remaining().min(limit)), self.starvation.clone())
    }

    /// The moment at which the wait is over, if the host does not starve the machine from now on.
    pub(super) fn deadline(&self) -> Instant {
        self.stated + self.starved()
    }

    pub(super) fn is_over(&self) -> bool {
        self.remaining().is_zero()
    }

    /// How much of it is left.
    pub(super) fn remaining(&self) -> Duration {
        self.deadline().saturating_duration_since(Instant::now())
    }

    /// The limit for people, and what was added to it when that is worth telling.
    pub(super) fn words(&self) -> String {
        let limit = in_words(self.limit);
        let starved = self.starved();
        if starved < WORTH_TELLING {
            return limit;
        }
        format!(
            "{limit}, and {} more in which the host gave the machine no processor",
            in_words(starved)
        )
    }

    /// How long the host has starved the machine since the wait began.
    fn starved(&self) -> Duration {
        self.starvation
            .total()
            .saturating_sub(self.starved_before)
            .min(DAY)
    }
}

fn in_words(time: Duration) -> String {
    human_duration(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
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
