use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use super::{
    CheckpointEntry, CheckpointError, CheckpointStore, Damage,
    removal::SetAside,
    retention::{Kept, leaving},
};

/// What a store may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PruneLimits {
    /// Bytes on disk, of all checkpoints together.
    pub bytes: u64,
    /// What was not used for this long leaves, too, however much room there is.
    pub unused_for: Option<Duration>,
}

/// What [`CheckpointStore::prune`] did.
#[derive(Debug, Default)]
pub struct Pruned {
    /// What was removed, in that order.
    pub removed: Vec<CheckpointEntry>,
    /// What stayed.
    pub kept: Vec<CheckpointEntry>,
}

impl Pruned {
    /// The bytes on disk that were given back.
    #[must_use]
    pub fn freed(&self) -> u64 {
        self.removed.iter().map(|entry| entry.stored).sum()
    }

    /// The bytes on disk of what stayed.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.kept.iter().map(|entry| entry.stored).sum()
    }
}

impl CheckpointStore {
    /// Removes what nobody uses until the limits hold: damaged checkpoints first, then those that were not used for the
    /// longest time, children before their parents. What is in use stays, so the store may remain too large.
    ///
    /// # Errors
    /// When the store cannot be read or changed.
    pub fn prune(&self, limits: PruneLimits) -> Result<Pruned, CheckpointError> {
        let mut aside = SetAside::default();
        let lock = self.lock()?;
        let pruned = set_aside(self.folder(), limits, &mut aside)?;
        drop(lock);
        aside.delete()?;
        Ok(pruned)
    }
}

/// Takes out of sight what the limits leave no room for. Needs the store's lock, exclusive.
pub(super) fn set_aside(
    store: &Path,
    limits: PruneLimits,
    aside: &mut SetAside,
) -> Result<Pruned, CheckpointError> {
    let mut kept = CheckpointEntry::all(store)?;
    let facts: Vec<Kept> = kept.iter().map(facts).collect();
    let leaving = leaving(&facts, &limits, SystemTime::now());
    if leaving.is_empty() {
        return Ok(Pruned {
            removed: Vec::new(),
            kept,
        });
    }
    aside.entries(store, &leaving)?;
    let mut removed = Vec::new();
    for key in &leaving {
        if let Some(place) = kept.iter().position(|entry| entry.key == *key) {
            removed.push(kept.remove(place));
        }
    }
    Ok(Pruned { removed, kept })
}

fn facts(entry: &CheckpointEntry) -> Kept {
    Kept {
        key: entry.key,
        parent: entry.parent(),
        stored: entry.stored,
        used: entry.used,
        in_use: entry.in_use,
        // Another version of qa may work in this store, and what it made is of use to it.
        damaged: !matches!(entry.damage, None | Some(Damage::OtherSchema { .. })),
    }
}
