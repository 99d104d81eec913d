//! Prepared needles within a budget of memory.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use needles::{Needle, Picture, PreparedNeedle};
use rayon::prelude::*;

use super::Entry;
use crate::needle_store::read_picture;

/// The memory for prepared needles. Beyond it, they are compared in parts, and every part reads the pictures again. The
/// pictures that are compared at a time need about as much again.
const BUDGET_BYTES: usize = 110 << 20;

/// So many needles are prepared before the budget is looked at.
const AT_ONCE: usize = 8;

/// Prepared needles, by their position in the set.
#[derive(Debug)]
pub(super) struct PreparedSet {
    slots: Vec<Option<PreparedNeedle>>,
    budget: usize,
    bytes: usize,
}

/// Room for needles that are prepared anyway, while their pictures are in memory.
#[derive(Debug)]
pub(super) struct Room(AtomicUsize);

impl Room {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Prepares a needle if there is room for it.
    pub(super) fn prepare(&self, needle: &Arc<Needle>, picture: &Picture) -> Option<PreparedNeedle> {
        if self.0.load(Ordering::Relaxed) > BUDGET_BYTES {
            return None;
        }
        let prepared = PreparedNeedle::new(Arc::clone(needle), picture);
        let bytes = prepared.memory();
        let before = self.0.fetch_add(bytes, Ordering::Relaxed);
        (before + bytes <= BUDGET_BYTES).then_some(prepared)
    }
}

impl PreparedSet {
    /// Takes the needles that are prepared already.
    pub(super) fn new(slots: Vec<Option<PreparedNeedle>>) -> Self {
        Self::with_budget(slots, BUDGET_BYTES)
    }

    fn with_budget(slots: Vec<Option<PreparedNeedle>>, budget: usize) -> Self {
        let prepared = slots.iter().flatten();
        Self {
            bytes: prepared.map(PreparedNeedle::memory).sum(),
            slots,
            budget,
        }
    }

    /// Takes some of these needles and prepares those that are not yet, as many as the budget allows, at least one.
    /// Drops all that are not wanted. Returns the needles that were taken, in ascending order. A needle whose picture
    /// cannot be read is taken without being prepared.
    pub(super) fn load(&mut self, entries: &[Entry<'_>], wanted: &[usize]) -> Vec<usize> {
        let mut done = vec![true; self.slots.len()];
        wanted.iter().for_each(|&index| done[index] = false);
        for (slot, _) in self.slots.iter_mut().zip(done).filter(|(_, done)| *done) {
            self.bytes -= slot.take().map_or(0, |prepared| prepared.memory());
        }
        let (mut taken, missing): (Vec<usize>, Vec<usize>) =
            wanted.iter().partition(|&&index| self.slots[index].is_some());
        for part in missing.chunks(AT_ONCE) {
            if self.bytes > self.budget && !taken.is_empty() {
                break;
            }
            let prepared: Vec<_> = part
                .par_iter()
                .map(|&index| (index, prepare(entries[index])))
                .collect();
            for (index, prepared) in prepared {
                self.bytes += prepared.as_ref().map_or(0, PreparedNeedle::memory);
                self.slots[index] = prepared;
            }
            taken.extend(part);
        }
        taken.sort_unstable();
        taken
    }

    /// Returns a needle that is prepared.
    pub(super) fn get(&self, index: usize) -> Option<&PreparedNeedle> {
        self.slots[index].as_ref()
    }
}

fn prepare((needle, path): Entry<'_>) -> Option<PreparedNeedle> {
    let picture = picture_of(path)?;
    Some(PreparedNeedle::new(Arc::clone(needle), &picture))
}

/// Returns the picture of a needle; none if it cannot be read, for which there is a finding already.
pub(super) fn picture_of(path: &Path) -> Option<Picture> {
    read_picture(&path.with_extension("png")).ok()
}
