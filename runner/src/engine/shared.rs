//! What all attempts of a run share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::cancel::Cancel;
use crate::engine::checkpoint::Checkpoints;
use crate::engine::machines::Machines;
use crate::engine::policy::Policy;
use crate::engine::settled::Settled;
use crate::needle_store::NeedleStore;
use crate::plan::{Durations, KeptMachines, Stage};
use crate::recorder::Recorder;
use crate::results::RunFolder;

/// What all attempts of a run share.
#[derive(Debug)]
pub(crate) struct Engine {
    /// The way in which it gets machines.
    pub machines: Machines,
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
    /// Saved machines to start from.
    pub checkpoints: Arc<Checkpoints>,
    /// How often, how many at once, from where.
    pub policy: Policy,
    /// How long stages took when they ran last.
    pub durations: Mutex<Durations>,
    /// The names of machines that are kept where a scenario fails on them; none where none is to be kept.
    pub keep: Option<KeptMachines>,
    /// Whether a person is there who can answer a `pause`.
    pub interactive: bool,
    /// Stages whose ends are saved, or will not be, since this was looked at last.
    pub settled: Settled,
}

impl Engine {
    /// A stage's end is saved, or will not be.
    pub(super) fn settled(&self, stage: &Stage) {
        if let Some(key) = stage.key {
            self.settled.add(key);
        }
    }

    /// Takes note of how long a stage took that held.
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
        }
    }
}
