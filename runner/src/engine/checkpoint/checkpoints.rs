//! The checkpoints that a run uses and makes.
//!
//! A checkpoint of an earlier run is verified byte by byte before the first machine starts from it. A run from it may
//! still end differently than a run from power-on. So a failure from it only counts after it was confirmed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vm::checkpoint::{CheckpointError, CheckpointKey, CheckpointStore, Draft, Lease};

use super::found::{Found, Unusable, age_ms};
use super::saved_state::SavedState;
use crate::failure::chain;
use crate::plan::{Job, SavedFor, Stage, Trust};

/// The checkpoints of a run.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    store: Option<CheckpointStore>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The checkpoints that this run made.
    made: BTreeSet<CheckpointKey>,
    /// The checkpoints whose every byte was compared with its checksum while this run held them.
    verified: BTreeSet<CheckpointKey>,
    /// The checkpoints that this run uses or made. They are held until the run ends, so that no other run removes them.
    held: Vec<Arc<Lease>>,
    /// The checkpoints from which a machine could not be restored; this run does not make them again.
    given_up: BTreeSet<CheckpointKey>,
}

impl Checkpoints {
    /// Uses the checkpoints in `store`; without a store, every machine starts at power-on.
    pub(crate) fn new(store: Option<CheckpointStore>) -> Self {
        Self {
            store,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether there is a checkpoint of the end of a stage.
    pub(in crate::engine) fn has(&self, stage: &Stage, trust: Trust) -> bool {
        let (Some(store), Some(key)) = (&self.store, stage.key) else {
            return false;
        };
        match trust {
            Trust::ThisRun => self.is_of_this_run(&key),
            Trust::AnyRun => matches!(store.find(&key), Ok(Some(_))),
        }
    }

    /// Returns the purpose of the checkpoint with this key; none if there is no such checkpoint or its note cannot be
    /// read.
    pub(crate) fn saved_for(&self, key: &CheckpointKey) -> Option<SavedFor> {
        let lease = self.store.as_ref()?.find(key).ok()??;
        let state = serde_json::from_value::<SavedState>(lease.note().facts.state.clone());
        state.ok().map(|state| state.saved_for)
    }

    /// Returns whether the checkpoint of the end of a stage is missing and can be made.
    pub(in crate::engine) fn lacks(&self, stage: &Stage, trust: Trust) -> bool {
        let can_be = |key| !self.state().given_up.contains(&key);
        self.store.is_some() && stage.key.is_some_and(can_be) && !self.has(stage, trust)
    }

    /// Returns the age in seconds and the stored size in bytes of the checkpoint of a stage's end; none if there is no
    /// checkpoint.
    pub(crate) fn age_and_size(&self, stage: &Stage) -> Option<(u64, u64)> {
        let lease = self.store.as_ref()?.find(&stage.key?).ok()??;
        let note = lease.note();
        let size = note.files.iter().map(|file| file.stored).sum();
        Some((age_ms(&note.facts.saved) / 1000, size))
    }

    /// Returns whether the checkpoint was made in this run.
    fn is_of_this_run(&self, key: &CheckpointKey) -> bool {
        self.state().made.contains(key)
    }

    /// Returns the last checkpoint before the end of the job that can be used, and those that could not be used.
    /// Damaged checkpoints are removed.
    pub(in crate::engine) async fn find(
        self: &Arc<Self>,
        job: &Job,
        trust: Trust,
    ) -> (Option<Found>, Vec<Unusable>) {
        let Some(store) = self.store.clone() else {
            return (None, Vec::new());
        };
        let mut stages: Vec<(usize, String, CheckpointKey)> = job.stages[..job.stages.len() - 1]
            .iter()
            .enumerate()
            .filter_map(|(index, stage)| Some((index, stage.scenario.name.clone(), stage.key?)))
            .collect();
        // The search goes backwards, so the kept machine is tried first.
        if let Some(key) = job.inspection.kept {
            stages.push((job.stages.len() - 1, job.own_name().to_owned(), key));
        }
        let own = Arc::clone(self);
        // Verifying reads up to some gigabytes.
        let search = tokio::task::spawn_blocking(move || own.search(&store, &stages, trust));
        search.await.unwrap_or_default()
    }

    fn search(
        &self,
        store: &CheckpointStore,
        stages: &[(usize, String, CheckpointKey)],
        trust: Trust,
    ) -> (Option<Found>, Vec<Unusable>) {
        let mut unusable = Vec::new();
        for (index, name, key) in stages.iter().rev() {
            let this_run = self.is_of_this_run(key);
            if trust == Trust::ThisRun && !this_run {
                continue;
            }
            match self.usable(store, key) {
                Ok(Some(lease)) => {
                    let found = Found {
                        stage: *index,
                        lease,
                        this_run,
                    };
                    return (Some(found), unusable);
                }
                Ok(None) => {}
                Err(reason) => unusable.push(Unusable {
                    stage: name.clone(),
                    reason,
                }),
            }
        }
        (None, unusable)
    }

    /// Returns the checkpoint with this key after every byte of it was verified; none if there is no such checkpoint.
    ///
    /// # Errors
    /// The checkpoint is damaged, and was removed, or it cannot be read: the reason, for people.
    fn usable(
        &self,
        store: &CheckpointStore,
        key: &CheckpointKey,
    ) -> Result<Option<Arc<Lease>>, String> {
        let dropped = |error: &dyn std::error::Error| {
            // If it cannot be removed now, the next run finds it damaged and tries again.
            let _ = store.remove_damaged(key);
            format!("{}; it was dropped and is made again", chain(error))
        };
        let lease = match store.find(key) {
            Ok(Some(lease)) => lease,
            Ok(None) => return Ok(None),
            Err(error @ CheckpointError::Damaged { .. }) => return Err(dropped(&error)),
            Err(error) => return Err(chain(&error)),
        };
        let verified = self.state().verified.contains(key);
        if !verified {
            if let Err(damage) = lease.verify() {
                drop(lease);
                return Err(dropped(&damage));
            }
            self.state().verified.insert(*key);
        }
        Ok(Some(self.hold(lease)))
    }

    fn hold(&self, lease: Lease) -> Arc<Lease> {
        let lease = Arc::new(lease);
        self.state().held.push(Arc::clone(&lease));
        lease
    }

    /// Begins to make the checkpoint of a key. Returns none if there is no store, or another run makes or uses it now.
    /// With [`Trust::ThisRun`], a checkpoint of an earlier run is removed first.
    pub(in crate::engine) fn begin(
        &self,
        key: CheckpointKey,
        trust: Trust,
    ) -> Result<Option<Draft>, CheckpointError> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        if trust == Trust::ThisRun && !self.is_of_this_run(&key) {
            // Attempts of this run that have ended do not need the old checkpoint any more.
            let in_use = |lease: &Arc<Lease>| Arc::strong_count(lease) > 1;
            {
                let mut state = self.state();
                state
                    .held
                    .retain(|lease| lease.key() != key || in_use(lease));
                state.verified.remove(&key);
            }
            // Still in use by another run or attempt: `begin` then returns none, and this attempt saves nothing.
            match store.remove(&key) {
                Ok(_) | Err(CheckpointError::InUse { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        store.begin(&key)
    }

    /// Adds a checkpoint that was just made.
    pub(in crate::engine) fn made(&self, lease: Lease) -> Found {
        let key = lease.key();
        {
            let mut state = self.state();
            state.made.insert(key);
            // Its checksums were computed from the bytes that were written.
            state.verified.insert(key);
        }
        Found {
            stage: 0,
            lease: self.hold(lease),
            this_run: true,
        }
    }

    /// Removes a checkpoint of an earlier run that is to blame for a failure. If this run has made the same checkpoint
    /// again meanwhile, the new one stays.
    pub(in crate::engine) fn drop_blamed(&self, key: &CheckpointKey) {
        if !self.is_of_this_run(key) {
            self.discard(key);
        }
    }

    /// Removes a checkpoint from which no machine can be restored. This run does not make it again.
    pub(in crate::engine) fn give_up(&self, key: CheckpointKey) {
        self.state().given_up.insert(key);
        self.discard(&key);
    }

    /// Removes a checkpoint, even if it is in use.
    pub(in crate::engine) fn discard(&self, key: &CheckpointKey) {
        {
            let mut state = self.state();
            state.held.retain(|lease| lease.key() != *key);
            state.verified.remove(key);
            state.made.remove(key);
        }
        if let Some(store) = &self.store {
            // If it cannot be removed now, the next run finds the same fault again.
            let _ = store.remove_damaged(key);
        }
    }
}
