//! What counts of a stage for its checkpoint: everything that can change what the machine is at its end.

use scenarios::{Assigned, Item, KeyMaterial, Keyboard, Watch};
use sha2::{Digest, Sha256};

use crate::plan::checked::CheckedJob;

/// A SHA-256.
pub(super) type Sum = [u8; 32];

/// What counts of a stage.
#[derive(Debug)]
pub(super) struct Material {
    /// The keyboard that the steps type on; none for the usual one.
    pub keyboard: Option<String>,
    /// Of each top-level step: what counts of it, and whether a way may be cut after it.
    pub steps: Vec<(KeyMaterial, bool)>,
    /// What counts of the watches.
    pub watches: Vec<KeyMaterial>,
}

impl Material {
    /// Returns what counts of each stage of a job.
    pub(super) fn of_stages(job: &CheckedJob) -> Vec<Self> {
        let mut assigned = Assigned::new();
        let stages = job.draft.stages.iter();
        stages
            .map(|stage| Self {
                keyboard: (stage.keyboard != Keyboard::default())
                    .then(|| format!("{:?}", stage.keyboard)),
                steps: stage
                    .steps
                    .iter()
                    .map(|step| {
                        let material = step.key_material(&stage.vars, &mut assigned);
                        let whole = Item::new(step, &material).whole;
                        (material, whole)
                    })
                    .collect(),
                watches: stage.watches.iter().map(Watch::key_material).collect(),
            })
            .collect()
    }

    /// Returns the steps, as far as sharing needs to know them.
    pub(super) fn items(&self) -> Vec<Item> {
        self.steps
            .iter()
            .map(|(material, whole)| Item {
                digest: material.digest,
                whole: *whole,
            })
            .collect()
    }

    /// Returns whether a way may be cut after so many steps.
    pub(super) fn may_be_cut_after(&self, steps: usize) -> bool {
        let last = steps.checked_sub(1).and_then(|last| self.steps.get(last));
        last.is_some_and(|(_, whole)| *whole)
    }

    /// Returns the digest of what counts all the time: the watches and the keyboard.
    pub(super) fn all_the_time(&self) -> Sum {
        let mut hash = Sha256::new();
        if let Some(keyboard) = &self.keyboard {
            feed(&mut hash, keyboard.as_bytes());
        }
        for watch in &self.watches {
            hash.update(watch.digest);
        }
        hash.finalize().into()
    }
}

/// Adds a part with its length, so that no two lists of parts are one.
pub(super) fn feed(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}
