//! The checkpoints that a run uses and makes.
//!
//! A checkpoint of an earlier run is verified byte by byte before the first machine starts from it. It can still lead
//! to another outcome than power-on would; that is why a failure from one does not count before it was confirmed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vm::checkpoint::{CheckpointError, CheckpointKey, CheckpointStore, Draft, Lease};

use super::found::{Found, Unusable, age_ms};
use super::memory::Memory;
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
    /// Made in this run.
    made: BTreeSet<CheckpointKey>,
    /// Every byte was found to be as it was saved, while this run held it.
    verified: BTreeSet<CheckpointKey>,
    /// Those in use and made: held until the run ends, so that nobody removes them under it.
    held: Vec<Arc<Lease>>,
    /// Machines do not come back from these.
    given_up: BTreeSet<CheckpointKey>,
}

impl Checkpoints {
    /// Checkpoints in `store`; without one, every machine is switched on.
    pub(crate) fn new(store: Option<CheckpointStore>) -> Self {
        Self {
            store,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the end of a stage is there to start from.
    pub(in crate::engine) fn has(&self, stage: &Stage, trust: Trust) -> bool {
        let (Some(store), Some(key)) = (&self.store, stage.key) else {
            return false;
        };
        match trust {
            Trust::ThisRun => self.is_of_this_run(&key),
            Trust::AnyRun => matches!(store.find(&key), Ok(Some(_))),
        }
    }

    /// Returns what the checkpoint of this key was saved for, in this run or an earlier one; none if there is no such
    /// checkpoint, or it does not say.
    pub(crate) fn saved_for(&self, key: &CheckpointKey) -> Option<SavedFor> {
        let lease = self.store.as_ref()?.find(key).ok()??;
        let memory = serde_json::from_value::<Memory>(lease.note().facts.state.clone());
        memory.ok().map(|memory| memory.saved_for)
    }

    /// Whether the end of a stage can be saved and is not.
    pub(in crate::engine) fn lacks(&self, stage: &Stage, trust: Trust) -> bool {
        let can_be = |key| !self.state().given_up.contains(&key);
        self.store.is_some() && stage.key.is_some_and(can_be) && !self.has(stage, trust)
    }

    /// How old the checkpoint of a stage's end is, in seconds, and how many bytes it takes; none where there is none.
    pub(crate) fn age_and_size(&self, stage: &Stage) -> Option<(u64, u64)> {
        let lease = self.store.as_ref()?.find(&stage.key?).ok()??;
        let note = lease.note();
        let size = note.files.iter().map(|file| file.stored).sum();
        Some((age_ms(&note.facts.saved) / 1000, size))
    }

    /// Whether it was made in this run.
    fn is_of_this_run(&self, key: &CheckpointKey) -> bool {
        self.state().made.contains(key)
    }

    /// The checkpoint nearest to the job's own beginning, never its end. Damaged ones are dropped, and told.
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
        // Comes last, so it is looked for first.
        if let Some(key) = job.inspection.kept {
            stages.push((job.stages.len() - 1, job.own_name().to_owned(), key));
        }
        let own = Arc::clone(self);
        // Reads up to some gigabytes.
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

    /// The checkpoint, every byte of which is as it was saved.
    fn usable(
        &self,
        store: &CheckpointStore,
        key: &CheckpointKey,
    ) -> Result<Option<Arc<Lease>>, String> {
        let dropped = |error: &dyn std::error::Error| {
            // One that cannot be removed is found damaged again next time.
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

    /// The right to make the checkpoint of a key; none where there is nothing to make. Where only this run is trusted,
    /// one of an earlier run makes way.
    pub(in crate::engine) fn begin(
        &self,
        key: CheckpointKey,
        trust: Trust,
    ) -> Result<Option<Draft>, CheckpointError> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        if trust == Trust::ThisRun && !self.is_of_this_run(&key) {
            // Attempts of this run that have ended do not need it any more.
            let in_use = |lease: &Arc<Lease>| Arc::strong_count(lease) > 1;
            {
                let mut state = self.state();
                state
                    .held
                    .retain(|lease| lease.key() != key || in_use(lease));
                state.verified.remove(&key);
            }
            // In use all the same: this attempt then does without.
            match store.remove(&key) {
                Ok(_) | Err(CheckpointError::InUse { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        store.begin(&key)
    }

    /// Takes note of a checkpoint that was just made.
    pub(in crate::engine) fn made(&self, lease: Lease) -> Found {
        let key = lease.key();
        {
            let mut state = self.state();
            state.made.insert(key);
            // Its sums were taken from what was written.
            state.verified.insert(key);
        }
        Found {
            stage: 0,
            lease: self.hold(lease),
            this_run: true,
        }
    }

    /// Drops a checkpoint of an earlier run that is to blame for a failure. Where this run has made it anew
    /// meanwhile, that one stays.
    pub(in crate::engine) fn drop_wrong(&self, key: &CheckpointKey) {
        if !self.is_of_this_run(key) {
            self.discard(key);
        }
    }

    /// Drops a checkpoint from which no machine comes back, and makes it no more.
    pub(in crate::engine) fn give_up(&self, key: CheckpointKey) {
        self.state().given_up.insert(key);
        self.discard(&key);
    }

    /// Drops a checkpoint, whoever uses it.
    pub(in crate::engine) fn discard(&self, key: &CheckpointKey) {
        {
            let mut state = self.state();
            state.held.retain(|lease| lease.key() != *key);
            state.verified.remove(key);
            state.made.remove(key);
        }
        if let Some(store) = &self.store {
            // One that cannot be removed now is found wrong again.
            let _ = store.remove_damaged(key);
        }
    }
}
