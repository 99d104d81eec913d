//! A whole run: every job in order, machines handed on where a scenario starts after another.

use std::collections::BTreeMap;
use std::sync::Arc;

use reports::{CauseKind, Event, StartedFrom, Verdict};

use crate::cancel::Cancel;
use crate::engine::attempt::{Attempt, LeftRunning};
use crate::engine::job::Job;
use crate::engine::stop::Stop;
use crate::needle_store::NeedleStore;
use crate::recorder::Recorder;
use crate::results::RunFolder;

/// What all attempts of a run share.
#[derive(Debug)]
pub(crate) struct Engine {
    /// The needles.
    pub store: Arc<NeedleStore>,
    /// The event log.
    pub recorder: Recorder,
    /// Where evidence goes.
    pub folder: RunFolder,
    /// The user's wish to stop.
    pub cancel: Cancel,
    /// The user's factor on deadlines.
    pub deadline_scale: Option<f64>,
    /// Whether somebody watches: then the nearest needle is told while a step waits.
    pub live: bool,
}

impl Engine {
    /// Runs the jobs in order and gives their verdicts. No machine is left behind.
    pub(crate) async fn run(&self, jobs: &[Job]) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        let mut left: Option<LeftRunning> = None;
        // Which scenarios did not hold in this run, and of whose chain: what starts after them need not be tried.
        let mut broken: BTreeMap<String, Verdict> = BTreeMap::new();
        for job in jobs {
            if self.cancel.is_requested() {
                verdicts.push(Verdict::Cancelled);
                continue;
            }
            let before = &job.stages[..job.stages.len() - 1];
            let hopeless = before
                .iter()
                .find_map(|stage| broken.get_key_value(&stage.scenario.name));
            if let Some((name, verdict)) = hopeless {
                self.skip(job, name, *verdict);
                verdicts.push(Verdict::Skipped);
                continue;
            }
            let continues = match &left {
                Some(machine) => Some(machine.scenario.as_str()) == job.parent(),
                None => false,
            };
            if !continues {
                stop(left.take()).await;
            }
            let ended = Attempt::run(self, job, left.take()).await;
            if let Some(stage) = ended.failed_stage {
                broken.insert(stage, ended.verdict);
                broken.insert(job.name().to_owned(), ended.verdict);
            }
            verdicts.push(ended.verdict);
            left = ended.left;
        }
        stop(left).await;
        verdicts
    }

    /// A scenario whose beginning did not hold in this run already.
    fn skip(&self, job: &Job, after: &str, verdict: Verdict) {
        let cause = Stop::missing(format!(
            "it starts after `{after}`, which came out {verdict} in this run"
        ));
        self.recorder.record(Event::ScenarioStarted {
            scenario: job.name().to_owned(),
            attempt: 1,
            from: StartedFrom::PowerOn,
        });
        debug_assert_eq!(cause.cause().kind, CauseKind::Missing);
        self.recorder.record(Event::ScenarioFinished {
            scenario: job.name().to_owned(),
            attempt: 1,
            verdict: Verdict::Skipped,
            cause: Some(cause.cause().clone()),
            duration_ms: 0,
            last_frame: None,
            files: Vec::new(),
        });
    }
}

async fn stop(left: Option<LeftRunning>) {
    if let Some(left) = left {
        left.session.into_machine().shutdown().await;
    }
}
