//! The health of boards in a run: a board is checked before its first job, and again after an error on it. A sick board
//! costs its own jobs, not the run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

use reports::Verdict;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::board_health::BoardHealth;
use crate::plan::Job;

/// The time after which a sick board is checked again.
const AGAIN: Duration = Duration::from_secs(10 * 60);

/// The health checks of boards, and what they found.
#[derive(Debug, Default)]
pub(crate) struct BoardChecks {
    checks: BTreeMap<String, Arc<Job>>,
    found: Mutex<BTreeMap<String, Found>>,
    /// The folder where health is kept; none if there is none.
    folder: Option<PathBuf>,
}

/// The result of the checks of a board so far.
#[derive(Debug, Clone, Copy)]
struct Found {
    state: State,
    /// The number of checks.
    checks: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Well,
    /// An error came of a job on it.
    Doubtful,
    /// Its check did not hold at this time.
    Sick(Instant),
}

/// The action that is due before a job on a board.
#[derive(Debug)]
pub(super) enum BeforeJob {
    /// Nothing: it is well, or has no check.
    Run,
    /// Its check is to be run, as the attempt of this number.
    Check(Arc<Job>, u32),
    /// It is sick. The name of the check that did not hold.
    Sick(String),
}

impl BoardChecks {
    /// Makes the checks of a run. `cache` is the folder of caches.
    pub(crate) fn new(jobs: Vec<Arc<Job>>, cache: Option<PathBuf>) -> Self {
        let checks = jobs.into_iter().filter_map(|job| {
            let board = job.health_of.clone()?;
            Some((board, job))
        });
        Self {
            checks: checks.collect(),
            found: Mutex::default(),
            folder: cache.map(|cache| cache.join("qa/boards")),
        }
    }

    /// Returns what to do before a job on this machine.
    pub(super) fn before(&self, machine: &str) -> BeforeJob {
        let Some(check) = self.checks.get(machine) else {
            return BeforeJob::Run;
        };
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        match found.get(machine) {
            None => BeforeJob::Check(Arc::clone(check), 1),
            Some(Found { state, checks }) => match state {
                State::Well => BeforeJob::Run,
                State::Sick(since) if since.elapsed() < AGAIN => {
                    BeforeJob::Sick(check.name().to_owned())
                }
                State::Doubtful | State::Sick(_) => BeforeJob::Check(Arc::clone(check), checks + 1),
            },
        }
    }

    /// Notes what came of a check. Returns true if the board is well.
    pub(super) fn checked(&self, machine: &str, verdict: Verdict, run: &str) -> bool {
        let well = match verdict {
            Verdict::Passed | Verdict::SoftFailed | Verdict::Flaky => true,
            Verdict::Failed | Verdict::Error | Verdict::Skipped => false,
            // Nothing was found out.
            Verdict::Cancelled => return false,
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let checks = found.get(machine).map_or(0, |found| found.checks) + 1;
        let state = match well {
            true => State::Well,
            false => State::Sick(Instant::now()),
        };
        found.insert(machine.to_owned(), Found { state, checks });
        if let Some(folder) = &self.folder {
            let now = OffsetDateTime::now_utc().format(&Rfc3339);
            // `qa board list` shows an older check then.
            let _ = BoardHealth::note(folder, machine, well, run, &now.unwrap_or_default());
        }
        well
    }

    /// Notes the verdict of a job on a machine: after an error the board is checked again.
    pub(super) fn judged(&self, machine: &str, verdict: Verdict) {
        if verdict != Verdict::Error {
            return;
        }
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = found.get_mut(machine)
            && found.state == State::Well
        {
            found.state = State::Doubtful;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Stage;

    fn checks() -> BoardChecks {
        let mut job = Job::sample("health-of-mars", vec![Stage::sample("health")]);
        job.health_of = Some("mars".to_owned());
        BoardChecks::new(vec![Arc::new(job)], None)
    }

    fn number(before: BeforeJob) -> Option<u32> {
        match before {
            BeforeJob::Run => None,
            BeforeJob::Check(_, number) => Some(number),
            BeforeJob::Sick(check) => {
                assert_eq!(check, "health-of-mars");
                Some(0)
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_board_is_checked_first_and_after_errors_and_a_sick_one_again_later() {
        let checks = checks();
        assert_eq!(number(checks.before("other")), None);
        assert_eq!(number(checks.before("mars")), Some(1));
        assert!(checks.checked("mars", Verdict::Passed, "r"));
        checks.judged("mars", Verdict::Failed);
        assert_eq!(
            number(checks.before("mars")),
            None,
            "a failure is not its fault"
        );
        checks.judged("mars", Verdict::Error);
        assert_eq!(number(checks.before("mars")), Some(2));
        assert!(!checks.checked("mars", Verdict::Error, "r"));
        assert_eq!(number(checks.before("mars")), Some(0), "sick");
        tokio::time::advance(AGAIN).await;
        assert_eq!(number(checks.before("mars")), Some(3));
        assert!(checks.checked("mars", Verdict::Passed, "r"));
        assert_eq!(number(checks.before("mars")), None);
    }

    #[test]
    fn a_check_that_was_stopped_says_nothing() {
        let checks = checks();
        assert!(!checks.checked("mars", Verdict::Cancelled, "r"));
        assert_eq!(number(checks.before("mars")), Some(1));
    }
}
