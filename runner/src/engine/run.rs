//! Runs all jobs: starts each when the schedule allows it, and tries it as often as the policy says.

mod again;

use std::collections::HashMap;
use std::sync::Arc;
use tokio::time::Instant;

use reports::{AttemptReason, CauseKind, Event, StartedFrom, Verdict};
use tokio::task::{Id, JoinError, JoinSet};
use vm::checkpoint::CheckpointKey;

use self::again::PastAttempt;
use crate::board_health::Told;
use crate::engine::attempt::{Attempt, AttemptOptions, Ended, LeftRunning};
use crate::engine::board_checks::BeforeJob;
use crate::engine::schedule::{Schedule, Start, Unit};
use crate::engine::shared::Engine;
use crate::engine::stop::Stop;
use crate::millis::millis;
use crate::plan::{Job, Stage, Trust};

impl Engine {
    /// Runs the jobs, as many at once as the policy allows. The results are in the event log. All machines are ended.
    pub(crate) async fn run(self: &Arc<Self>, jobs: &[Arc<Job>]) {
        let mut schedule = Schedule::new(jobs, self.policy);
        let mut left: Option<LeftRunning> = None;
        let mut running = JoinSet::new();
        let mut units: HashMap<Id, Unit> = HashMap::new();
        loop {
            for key in self.settled.take() {
                schedule.settle(&key);
            }
            if self.cancel.is_requested() {
                schedule.clear();
            }
            let has = |stage: &Stage| self.checkpoints.has(stage, self.policy.trust);
            let lacks = |stage: &Stage| self.checkpoints.lacks(stage, self.policy.trust);
            let machine = left
                .as_ref()
                .map(|left| (left.cell, left.scenario.as_str()));
            let next = schedule.next(machine, has, lacks);
            match next {
                Some(Start::Skip {
                    unit,
                    after,
                    verdict,
                }) => {
                    self.skip(&jobs[unit.job], unit.number, &after, verdict);
                    continue;
                }
                Some(Start::Run { unit, goes_on }) => {
                    let options = AttemptOptions {
                        number: unit.number,
                        reason: None,
                        trust: self.policy.trust,
                        saves: true,
                        left: if goes_on { left.take() } else { None },
                    };
                    let (engine, job) = (Arc::clone(self), Arc::clone(&jobs[unit.job]));
                    let task = running.spawn(async move { engine.judge(&job, options).await });
                    units.insert(task.id(), unit);
                    continue;
                }
                None => {}
            }
            // No job continues on this machine. Others may wait for its resources.
            if let Some(unwanted) = left.take() {
                stop(Some(unwanted)).await;
                continue;
            }
            if running.is_empty() {
                break;
            }
            let done = tokio::select! {
                done = running.join_next_with_id() => done,
                () = self.settled.news() => None,
            };
            let (task, ended) = match done {
                Some(Ok((task, ended))) => (task, Some(ended)),
                // A panic outside of an attempt. The job has no end in the log, and the reports show that.
                Some(Err(panicked)) => (panicked.id(), None),
                None => continue,
            };
            let Some(unit) = units.remove(&task) else {
                continue;
            };
            stop(left.take()).await;
            match ended {
                Some(ended) => {
                    schedule.finished(unit, ended.verdict, ended.failed_stage.as_deref());
                    left = ended.left;
                }
                None => schedule.finished(unit, Verdict::Error, Some(jobs[unit.job].own_name())),
            }
        }
        stop(left).await;
    }

    /// Runs a job, after the health check of its board where that is due. Returns the end of the last attempt.
    async fn judge(self: &Arc<Self>, job: &Arc<Job>, options: AttemptOptions) -> Ended {
        let machine = &job.machine.name;
        let before = match options.left {
            // The board is in use by this cell.
            Some(_) => BeforeJob::Run,
            // It ends before the board is switched on.
            None if !job.can_start() => BeforeJob::Run,
            None => self.boards.before(machine),
        };
        match before {
            BeforeJob::Run => {}
            BeforeJob::Check(check, number) => {
                let mut ended = self.attempt(&check, AttemptOptions::cold(number)).await;
                stop(ended.left.take()).await;
                let run = self.folder.name();
                match self.boards.checked(machine, &ended, run) {
                    Told::Sick => return self.board_is_sick(job, options.number, check.name()),
                    Told::Nothing if self.cancel.is_requested() => {
                        return Ended::without_attempt(
                            job,
                            Verdict::Cancelled,
                            CauseKind::Cancelled,
                        );
                    }
                    Told::Well | Told::Nothing => {}
                }
            }
            BeforeJob::Sick(check) => return self.board_is_sick(job, options.number, &check),
        }
        let ended = self.try_out(job, options).await;
        self.boards.judged(machine, &ended);
        ended
    }

    /// Records a job that is not run because its board is sick.
    fn board_is_sick(&self, job: &Job, number: u32, check: &str) -> Ended {
        let why = format!(
            "the board `{}` is sick: `{check}` did not hold",
            job.machine.name
        );
        self.record_skipped(job, number, why);
        Ended::without_attempt(job, Verdict::Skipped, CauseKind::Missing)
    }

    /// Runs attempts at a scenario until there is no reason for another one. Returns the end of the last one.
    async fn try_out(self: &Arc<Self>, job: &Arc<Job>, options: AttemptOptions) -> Ended {
        let mut number = options.number;
        let mut ended = self.attempt(job, options).await;
        let mut attempts = vec![PastAttempt::of(None, &ended)];
        while let Some(reason) = again::next(&attempts, self.policy)
            && self.may_try_again(job)
        {
            // The host may not have room for two machines of one scenario.
            stop(ended.left.take()).await;
            number += 1;
            let options = AttemptOptions {
                number,
                reason: Some(reason),
                trust: match again::starts_from_earlier(reason) {
                    true => Trust::AnyRun,
                    false => Trust::ThisRun,
                },
                saves: again::saves(reason),
                left: None,
            };
            ended = self.attempt(job, options).await;
            attempts.push(PastAttempt::of(Some(reason), &ended));
        }
        if let Some(checkpoint) = again::to_blame(&attempts) {
            self.blame(job, checkpoint);
        }
        if attempts.iter().any(|attempt| holds(attempt.verdict)) {
            // The scenario held at least once, so its dependants are not skipped.
            ended.failed_stage = None;
        }
        ended
    }

    /// Removes a checkpoint that is to blame for failures, and records that.
    fn blame(&self, job: &Job, checkpoint: CheckpointKey) {
        let is_it = |stage: &&Stage| stage.key == Some(checkpoint);
        let stage = job.stages.iter().find(is_it);
        self.checkpoints.drop_blamed(&checkpoint);
        let recorder = self.recorder.of_scenario(job.name());
        recorder.record(Event::CheckpointBlamed {
            stage: stage.map_or_else(String::new, |stage| stage.scenario.name.clone()),
            key: checkpoint.short(),
        });
    }

    /// Runs an attempt. A panic in it is a defect of `qa`: it becomes an error of this attempt and does not touch the
    /// other scenarios. The machine ends with the attempt.
    async fn attempt(self: &Arc<Self>, job: &Arc<Job>, options: AttemptOptions) -> Ended {
        let (number, began) = (options.number, Instant::now());
        let (engine, own) = (Arc::clone(self), Arc::clone(job));
        let attempt = tokio::spawn(async move { Attempt::run(&engine, &own, options).await });
        match attempt.await {
            Ok(ended) => ended,
            Err(broken) => self.panicked(job, number, began, broken),
        }
    }

    /// Records the end of an attempt that panicked.
    fn panicked(&self, job: &Job, number: u32, began: Instant, broken: JoinError) -> Ended {
        let stop = Stop::error(
            CauseKind::Harness,
            format!("qa itself crashed: {}", panic_text(broken)),
        )
        .hint("this is a defect of qa: please report it, with this run's `events.jsonl`");
        let recorder = self.recorder.of_attempt(job.name(), number);
        recorder.record(Event::ScenarioFinished {
            verdict: stop.verdict(),
            cause: Some(stop.cause().clone()),
            duration_ms: millis(began.elapsed()),
            last_frame: None,
            files: self.folder.machine_files(job.name(), number),
        });
        Ended::without_attempt(job, stop.verdict(), CauseKind::Harness)
    }

    fn may_try_again(&self, job: &Job) -> bool {
        // Another attempt does not help if the host lacks something.
        job.host_lack.is_none() && !self.cancel.is_requested()
    }

    /// Records a skipped scenario: one that it starts after did not hold in this run.
    fn skip(&self, job: &Job, attempt: u32, after: &str, verdict: Verdict) {
        let why = format!("it starts after `{after}`, whose verdict in this run is {verdict}");
        self.record_skipped(job, attempt, why);
    }

    fn record_skipped(&self, job: &Job, attempt: u32, why: String) {
        let recorder = self.recorder.of_attempt(job.name(), attempt);
        let cause = Stop::missing(why);
        recorder.record(Event::ScenarioStarted {
            from: StartedFrom::PowerOn,
            reason: None,
        });
        debug_assert_eq!(cause.cause().kind, CauseKind::Missing);
        recorder.record(Event::ScenarioFinished {
            verdict: Verdict::Skipped,
            cause: Some(cause.cause().clone()),
            duration_ms: 0,
            last_frame: None,
            files: Vec::new(),
        });
    }
}

impl PastAttempt {
    fn of(reason: Option<AttemptReason>, ended: &Ended) -> Self {
        Self {
            reason,
            verdict: ended.verdict,
            from: ended.earlier_checkpoint,
        }
    }
}

fn holds(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Passed | Verdict::SoftFailed)
}

async fn stop(left: Option<LeftRunning>) {
    if let Some(left) = left {
        left.session.end().await;
    }
}

/// Returns the message of a task that panicked.
fn panic_text(broken: JoinError) -> String {
    match broken.try_into_panic() {
        Ok(said) => match said.downcast::<String>() {
            Ok(text) => *text,
            Err(said) => said.downcast_ref::<&str>().map_or_else(
                || "a panic without a message".to_owned(),
                |text| (*text).to_owned(),
            ),
        },
        Err(ended) => ended.to_string(),
    }
}

#[cfg(test)]
pub(super) mod tests;
