//! The parts of a scenario that its checkpoint keys cover: everything that can change the machine's state.

use scenarios::{Assigned, Item, KeyMaterial, Keyboard, Watch};
use sha2::{Digest, Sha256};

use crate::plan::checked::CheckedJob;

/// A SHA-256 digest.
pub(super) type Sum = [u8; 32];

/// The parts of a scenario that its checkpoint keys cover.
#[derive(Debug)]
pub(super) struct Material {
    /// The keyboard layout; none for the default one.
    pub keyboard: Option<String>,
    /// The key material of each top-level step, and whether the scenario may be cut after it.
    pub steps: Vec<(KeyMaterial, bool)>,
    /// The key material of the watches.
    pub watches: Vec<KeyMaterial>,
}

impl Material {
    /// Returns the material of each scenario of a job.
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

    /// Returns the steps as the search for common beginnings needs them.
    pub(super) fn items(&self) -> Vec<Item> {
        self.steps
            .iter()
            .map(|(material, whole)| Item {
                digest: material.digest,
                whole: *whole,
            })
            .collect()
    }

    /// Returns whether the scenario may be cut after this number of steps.
    pub(super) fn may_be_cut_after(&self, steps: usize) -> bool {
        let last = steps.checked_sub(1).and_then(|last| self.steps.get(last));
        last.is_some_and(|(_, whole)| *whole)
    }

    /// Returns the digest of the parts that apply to all steps: the watches and the keyboard.
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

/// Adds a part with its length in front, so that different lists of parts never give the same bytes.
pub(super) fn feed(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}
