//! A whole run: which job starts when, and how often each is tried.

mod again;

use std::collections::HashMap;
use std::sync::Arc;
use tokio::time::Instant;

use reports::{AttemptReason, CauseKind, Event, StartedFrom, Verdict};
use tokio::task::{Id, JoinError, JoinSet};
use vm::checkpoint::CheckpointKey;

use self::again::Made;
use crate::engine::attempt::{Attempt, Ended, LeftRunning, Try};
use crate::engine::schedule::{Schedule, Start, Unit};
use crate::engine::shared::Engine;
use crate::engine::stop::Stop;
use crate::millis::millis;
use crate::plan::{Job, Stage, Trust};

impl Engine {
    /// Runs the jobs, as many at once as the policy allows; what came of them is in the log. No machine is left behind.
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
                    let how = Try {
                        number: unit.number,
                        reason: None,
                        trust: self.policy.trust,
                        saves: true,
                        left: if goes_on { left.take() } else { None },
                    };
                    let (engine, job) = (Arc::clone(self), Arc::clone(&jobs[unit.job]));
                    let task = running.spawn(async move { engine.judge(&job, how).await });
                    units.insert(task.id(), unit);
                    continue;
                }
                None => {}
            }
            // Nobody goes on with it. What it has of the host may be what others wait for.
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
                // Not an attempt of it, but what is between them: its log stops, and the reports say so.
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

    /// Tries a scenario until there is no reason to try it again.
    async fn judge(self: &Arc<Self>, job: &Arc<Job>, how: Try) -> Ended {
        let mut number = how.number;
        let mut ended = self.attempt(job, how).await;
        let mut made = vec![Made::of(None, &ended)];
        while let Some(reason) = again::next(&made, self.policy)
            && self.may_try_again(job)
        {
            // Two machines of one scenario may be more than the host holds.
            stop(ended.left.take()).await;
            number += 1;
            let how = Try {
                number,
                reason: Some(reason),
                trust: match again::starts_from_earlier(reason) {
                    true => Trust::AnyRun,
                    false => Trust::ThisRun,
                },
                saves: again::saves(reason),
                left: None,
            };
            ended = self.attempt(job, how).await;
            made.push(Made::of(Some(reason), &ended));
        }
        if let Some(checkpoint) = again::to_blame(&made) {
            self.blame(job, checkpoint);
        }
        if made.iter().any(|made| holds(made.verdict)) {
            // Others may start where it ended.
            ended.failed_stage = None;
        }
        ended
    }

    /// Drops a checkpoint that is to blame, and says so.
    fn blame(&self, job: &Job, checkpoint: CheckpointKey) {
        let is_it = |stage: &&Stage| stage.key == Some(checkpoint);
        let stage = job.stages.iter().find(is_it);
        self.checkpoints.drop_wrong(&checkpoint);
        let recorder = self.recorder.of_scenario(job.name());
        recorder.record(Event::CheckpointBlamed {
            stage: stage.map_or_else(String::new, |stage| stage.scenario.name.clone()),
            key: checkpoint.short(),
        });
    }

    /// Makes an attempt. One that panics has met a defect of `qa` itself: that says nothing about the image, and
    /// nothing about the other scenarios. Its machine ends with it.
    async fn attempt(self: &Arc<Self>, job: &Arc<Job>, how: Try) -> Ended {
        let (number, began) = (how.number, Instant::now());
        let (engine, own) = (Arc::clone(self), Arc::clone(job));
        let attempt = tokio::spawn(async move { Attempt::run(&engine, &own, how).await });
        match attempt.await {
            Ok(ended) => ended,
            Err(broken) => self.panicked(job, number, began, broken),
        }
    }

    fn panicked(&self, job: &Job, number: u32, began: Instant, broken: JoinError) -> Ended {
        let stop = Stop::error(
            CauseKind::Harness,
            format!("qa itself broke: {}", panic_text(broken)),
        )
        .hint(
            "this is a defect of qa; whoever mends it needs this report, with its `events.jsonl`",
        );
        let recorder = self.recorder.of_attempt(job.name(), number);
        recorder.record(Event::ScenarioFinished {
            verdict: stop.verdict(),
            cause: Some(stop.cause().clone()),
            duration_ms: millis(began.elapsed()),
            last_frame: None,
            files: self.folder.machine_files(job.name(), number),
        });
        Ended {
            verdict: stop.verdict(),
            left: None,
            failed_stage: Some(job.own_name().to_owned()),
            trusted: None,
        }
    }

    fn may_try_again(&self, job: &Job) -> bool {
        // What this host lacks does not come of trying.
        job.host_lack.is_none() && !self.cancel.is_requested()
    }

    /// A scenario whose beginning did not hold in this run already.
    fn skip(&self, job: &Job, attempt: u32, after: &str, verdict: Verdict) {
        let recorder = self.recorder.of_attempt(job.name(), attempt);
        let cause = Stop::missing(format!(
            "it starts after `{after}`, which came out {verdict} in this run"
        ));
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

impl Made {
    fn of(reason: Option<AttemptReason>, ended: &Ended) -> Self {
        Self {
            reason,
            verdict: ended.verdict,
            from: ended.trusted,
        }
    }
}

fn holds(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Passed | Verdict::SoftFailed)
}

async fn stop(left: Option<LeftRunning>) {
    if let Some(left) = left {
        left.session.into_machine().shutdown().await;
    }
}

/// What a task said when it panicked.
fn panic_text(broken: JoinError) -> String {
    match broken.try_into_panic() {
        Ok(said) => match said.downcast::<String>() {
            Ok(text) => *text,
            Err(said) => said.downcast_ref::<&str>().map_or_else(
                || "a panic without words".to_owned(),
                |text| (*text).to_owned(),
            ),
        },
        Err(ended) => ended.to_string(),
    }
}

#[cfg(test)]
pub(super) mod tests;
