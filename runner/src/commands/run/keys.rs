//! The keys of a job's checkpoints: one for the end of each stage, over everything that can change what the machine is there.
//!
//! ```text
//! machine's identity, image digest --> key of power-on --steps, watches, needles of the first stage--> key of its end --> ...
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use scenarios::{Assigned, Looks, PlannedStep, Watch};
use sha2::{Digest, Sha256};
use vm::checkpoint::CheckpointKey;

use crate::engine::{Job, Stage};
use crate::needle_store::NeedleStore;

/// Goes into every key: keys of programs that save or read otherwise must differ. To be raised with each such change.
const FORMAT: u32 = 1;

/// Makes keys for the jobs of a run.
#[derive(Debug)]
pub(super) struct Keys<'s> {
    store: &'s NeedleStore,
    /// Digests of needles by their place in the store, taken when first needed.
    needles: BTreeMap<usize, Option<[u8; 32]>>,
    /// Keys of power-on, by machine and image: to look for QEMU takes some tens of milliseconds.
    power_on: BTreeMap<String, Option<[u8; 32]>>,
}

impl<'s> Keys<'s> {
    /// None yet.
    pub(super) fn new(store: &'s NeedleStore) -> Self {
        Self {
            store,
            needles: BTreeMap::new(),
            power_on: BTreeMap::new(),
        }
    }

    /// Gives every stage its key. Where something that counts cannot be told (an image without digest, a needle that cannot be
    /// read, a host without QEMU), it and those after it have none, and nothing is saved.
    pub(super) fn give(&mut self, job: &mut Job) {
        let mut key = self.power_on(job);
        let mut assigned = Assigned::new();
        for stage in &mut job.stages {
            key = key.and_then(|before| self.after(before, stage, &mut assigned));
            stage.key = key.map(CheckpointKey::from_bytes);
        }
    }

    fn power_on(&mut self, job: &Job) -> Option<[u8; 32]> {
        let digest = job.image.digest.as_deref()?;
        let spec = job.spec()?;
        let machine = format!("{digest} {spec:?}");
        let key = self.power_on.entry(machine).or_insert_with(|| {
            let identity = spec.identity().ok()?;
            let mut hash = Sha256::new();
            for part in [&format!("qa checkpoint {FORMAT}"), digest, &identity] {
                feed(&mut hash, part.as_bytes());
            }
            Some(hash.finalize().into())
        });
        *key
    }

    fn after(
        &mut self,
        before: [u8; 32],
        stage: &Stage,
        assigned: &mut Assigned,
    ) -> Option<[u8; 32]> {
        let mut hash = Sha256::new();
        feed(&mut hash, &before);
        let mut looks = Looks::default();
        let steps = stage
            .steps
            .iter()
            .map(|step: &PlannedStep| step.key_material(&stage.vars, assigned));
        let watches = stage.watches.iter().map(Watch::key_material);
        for (kind, material) in steps
            .map(|material| (b's', material))
            .chain(watches.map(|material| (b'w', material)))
        {
            hash.update([kind]);
            hash.update(material.digest);
            looks.extend(&material.looks);
        }
        let store = self.store;
        for (place, (needle, json)) in store.entries().enumerate() {
            if looks.include(needle.tags()) {
                let digest = self
                    .needles
                    .entry(place)
                    .or_insert_with(|| needle_digest(json));
                feed(&mut hash, needle.name().as_bytes());
                hash.update((*digest)?);
            }
        }
        Some(hash.finalize().into())
    }
}

/// The digest of a needle's two files.
fn needle_digest(json: &Path) -> Option<[u8; 32]> {
    let mut hash = Sha256::new();
    for path in [json, &json.with_extension("png")] {
        feed(&mut hash, &fs::read(path).ok()?);
    }
    Some(hash.finalize().into())
}

/// With its length, so that no two lists of parts are one.
fn feed(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}
