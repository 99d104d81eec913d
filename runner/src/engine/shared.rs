//! The resources that all attempts of a run share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::cancel::Cancel;
use crate::engine::board_checks::BoardChecks;
use crate::engine::checkpoint::Checkpoints;
use crate::engine::machines::Machines;
use crate::engine::policy::Policy;
use crate::engine::settled::Settled;
use crate::needle_store::NeedleStore;
use crate::plan::{Durations, KeptMachines, Stage};
use crate::recorder::Recorder;
use crate::results::RunFolder;

/// The resources that all attempts of a run share.
#[derive(Debug)]
pub(crate) struct Engine {
    /// The source of machines.
    pub machines: Machines,
    /// The needles.
    pub store: Arc<NeedleStore>,
    /// The event log.
    pub recorder: Recorder,
    /// The folder of the run, for evidence.
    pub folder: RunFolder,
    /// Tells whether the user wants to stop the run.
    pub cancel: Cancel,
    /// The user's factor on deadlines.
    pub deadline_scale: Option<f64>,
    /// The checkpoints to start from.
    pub checkpoints: Arc<Checkpoints>,
    /// The policy of the run.
    pub policy: Policy,
    /// The durations of stages when they ran last.
    pub durations: Mutex<Durations>,
    /// The keys of machines that are kept after a failure; none if machines are not kept.
    pub keep: Option<KeptMachines>,
    /// True if a person can answer a `pause`.
    pub interactive: bool,
    /// The health of boards in this run.
    pub boards: BoardChecks,
    /// The stages whose checkpoint was saved, or will not be saved in this run.
    pub settled: Settled,
}

impl Engine {
    /// Reports that the checkpoint of a stage was saved, or that this run will not save it.
    pub(super) fn settled(&self, stage: &Stage) {
        if let Some(key) = stage.key {
            self.settled.add(key);
        }
    }

    /// Notes the duration of a stage that held.
    pub(super) fn note_duration(&self, stage: &Stage, took: Duration) {
        if let Some(key) = stage.key {
            let mut durations = self
                .durations
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            durations.note(key, took);
        }
    }
}

#[cfg(test)]
impl Engine {
    /// Makes an engine for tests: one attempt, one machine at once, no checkpoints.
    pub(crate) fn sample(
        machines: Machines,
        store: Arc<NeedleStore>,
        feed: &crate::feed::Feed,
        folder: RunFolder,
    ) -> Self {
        Self {
            machines,
            store,
            recorder: Recorder::new(feed.clone(), "h", Vec::new()),
            folder,
            cancel: Cancel::never(),
            deadline_scale: None,
            checkpoints: Arc::new(Checkpoints::new(None)),
            policy: Policy {
                trust: crate::plan::Trust::AnyRun,
                confirm: true,
                retries: 0,
                repeat: 1,
                until_fail: false,
                slots: 1,
            },
            durations: Mutex::default(),
            keep: None,
            interactive: false,
            settled: Settled::default(),
            boards: BoardChecks::default(),
        }
    }
}
