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

use crate::board_health::{BoardHealth, Told, is_of_the_board};
use crate::engine::attempt::Ended;
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
    /// A job on it ended with an error, or its check told nothing.
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
    /// Makes the checks of a run. `folder` is the folder where health is kept.
    pub(crate) fn new(jobs: Vec<Arc<Job>>, folder: Option<PathBuf>) -> Self {
        let checks = jobs.into_iter().filter_map(|job| {
            let board = job.health_of.clone()?;
            Some((board, job))
        });
        Self {
            checks: checks.collect(),
            found: Mutex::default(),
            folder,
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

    /// Notes the end of a check. Returns what it tells.
    pub(super) fn checked(&self, machine: &str, ended: &Ended, run: &str) -> Told {
        let told = Told::by(ended.verdict, ended.cause.as_ref());
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let checks = found.get(machine).map_or(0, |found| found.checks) + 1;
        let state = match told {
            Told::Well => State::Well,
            Told::Sick => State::Sick(Instant::now()),
            Told::Nothing => State::Doubtful,
        };
        found.insert(machine.to_owned(), Found { state, checks });
        let well = match told {
            Told::Well => true,
            Told::Sick => false,
            Told::Nothing => return told,
        };
        if let Some(folder) = &self.folder {
            let now = OffsetDateTime::now_utc().format(&Rfc3339);
            // `qa board list` shows an older check then.
            let _ = BoardHealth::note(folder, machine, well, run, &now.unwrap_or_default());
        }
        told
    }

    /// Notes the end of a job on a machine: after an error that may come from the board, the board is checked again.
    pub(super) fn judged(&self, machine: &str, ended: &Ended) {
        if ended.verdict != Verdict::Error || !is_of_the_board(ended.cause.as_ref()) {
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
    use reports::CauseKind;

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

    fn ended(verdict: Verdict, cause: Option<CauseKind>) -> Ended {
        Ended {
            verdict,
            cause,
            left: None,
            failed_stage: None,
            earlier_checkpoint: None,
        }
    }

    fn passed() -> Ended {
        ended(Verdict::Passed, None)
    }

    fn broken(cause: CauseKind) -> Ended {
        ended(Verdict::Error, Some(cause))
    }

    #[tokio::test(start_paused = true)]
    async fn a_board_is_checked_first_and_after_errors_and_a_sick_one_again_later() {
        let checks = checks();
        assert_eq!(number(checks.before("other")), None);
        assert_eq!(number(checks.before("mars")), Some(1));
        assert_eq!(checks.checked("mars", &passed(), "r"), Told::Well);
        checks.judged("mars", &ended(Verdict::Failed, Some(CauseKind::Deadline)));
        checks.judged("mars", &broken(CauseKind::DiskFull));
        checks.judged("mars", &broken(CauseKind::Scenario));
        assert_eq!(number(checks.before("mars")), None, "not its fault");
        checks.judged("mars", &broken(CauseKind::Launch));
        assert_eq!(number(checks.before("mars")), Some(2));
        let lost = broken(CauseKind::Harness);
        assert_eq!(checks.checked("mars", &lost, "r"), Told::Sick);
        assert_eq!(number(checks.before("mars")), Some(0), "sick");
        tokio::time::advance(AGAIN).await;
        assert_eq!(number(checks.before("mars")), Some(3));
        assert_eq!(checks.checked("mars", &passed(), "r"), Told::Well);
        assert_eq!(number(checks.before("mars")), None);
    }

    #[test]
    fn a_check_that_says_nothing_about_the_board_is_made_again() {
        let checks = checks();
        for (number_before, end) in [
            (1, ended(Verdict::Cancelled, Some(CauseKind::Cancelled))),
            (2, broken(CauseKind::Image)),
            (3, broken(CauseKind::DiskFull)),
        ] {
            assert_eq!(number(checks.before("mars")), Some(number_before));
            assert_eq!(checks.checked("mars", &end, "r"), Told::Nothing);
        }
        assert_eq!(number(checks.before("mars")), Some(4));
    }
}
