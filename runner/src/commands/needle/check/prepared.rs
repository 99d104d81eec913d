//! Prepared needles within a budget of memory.

use std::path::Path;
use std::sync::Arc;

use needles::{Picture, PreparedNeedle};
use rayon::prelude::*;

use super::Entry;
use crate::needle_store::read_picture;

/// The memory for prepared needles. Beyond it, they are compared in parts. The pictures that are compared at a time
/// need about as much again.
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

impl PreparedSet {
    /// Has room for a set of so many needles.
    pub(super) fn new(needles: usize) -> Self {
        Self::with_budget(needles, BUDGET_BYTES)
    }

    fn with_budget(needles: usize, budget: usize) -> Self {
        Self {
            slots: std::iter::repeat_with(|| None).take(needles).collect(),
            budget,
            bytes: 0,
        }
    }

    /// Prepares the first of these needles that are not prepared yet, as many as the budget allows, at least one, and
    /// drops all that are not wanted. Returns the number of needles that were taken. A needle whose picture cannot be
    /// read is taken without being prepared.
    pub(super) fn load(&mut self, entries: &[Entry<'_>], wanted: &[usize]) -> usize {
        let mut done = vec![true; self.slots.len()];
        wanted.iter().for_each(|&index| done[index] = false);
        for (slot, _) in self.slots.iter_mut().zip(done).filter(|(_, done)| *done) {
            self.bytes -= slot.take().map_or(0, |prepared| prepared.memory());
        }
        let mut taken = 0;
        for part in wanted.chunks(AT_ONCE) {
            if self.bytes > self.budget && taken > 0 {
                break;
            }
            let prepared: Vec<_> = part
                .par_iter()
                .filter(|&&index| self.slots[index].is_none())
                .map(|&index| (index, prepare(entries[index])))
                .collect();
            for (index, prepared) in prepared {
                self.bytes += prepared.as_ref().map_or(0, PreparedNeedle::memory);
                self.slots[index] = prepared;
            }
            taken += part.len();
        }
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
