//! Removes checkpoints that a store has no room for.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use super::{
    CheckpointEntry, CheckpointError, CheckpointStore, Damage,
    removal::SetAside,
    retention::{Kept, leaving},
};

/// The limits of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PruneLimits {
    /// The most bytes on disk, of all checkpoints together.
    pub bytes: u64,
    /// The longest time without use. Checkpoints that are older are removed, even if there is room.
    pub unused_for: Option<Duration>,
}

/// The result of [`CheckpointStore::prune`].
#[derive(Debug, Default)]
pub struct Pruned {
    /// The removed checkpoints, in the order of their removal.
    pub removed: Vec<CheckpointEntry>,
    /// The checkpoints that stay.
    pub kept: Vec<CheckpointEntry>,
}

impl Pruned {
    /// Returns the bytes on disk that were freed.
    #[must_use]
    pub fn freed(&self) -> u64 {
        self.removed.iter().map(|entry| entry.stored).sum()
    }

    /// Returns the bytes on disk of the checkpoints that stay.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.kept.iter().map(|entry| entry.stored).sum()
    }
}

impl CheckpointStore {
    /// Removes unused checkpoints until the limits hold: damaged ones first, then those with the longest time since
    /// their last use, children before their parents. Checkpoints in use stay, so the store may remain too large.
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

/// Renames the checkpoints that must be removed. Needs the store's lock, exclusive.
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
        // Another version of qa may work in this store, and can use its own checkpoints.
        damaged: !matches!(entry.damage, None | Some(Damage::OtherSchema { .. })),
    }
}
