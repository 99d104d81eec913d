//! The keys of a job's checkpoints: one for the end of each stage, over everything that can change what the machine is there.
//!
//! ```text
//! machine's identity, image digest --> key of power-on --steps, watches, needles of the first stage--> key of its end --> ...
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use scenarios::{
    Assigned, Item, KeyMaterial, Looks, PlannedStep, StepId, Watch, shared_beginnings,
};
use sha2::{Digest, Sha256};
use vm::checkpoint::CheckpointKey;

use crate::engine::{Job, Media, Stage, look_back};
use crate::needle_store::NeedleStore;

/// Goes into every key: keys of programs that save or read otherwise must differ. To be raised with each such change.
const FORMAT: u32 = 1;

/// The cell of a matrix and the name of a scenario in it: what a stage is of.
type Place<'n> = (usize, &'n str);

/// A SHA-256.
type Sum = [u8; 32];

/// Makes keys for the jobs of a run.
#[derive(Debug)]
pub(super) struct Keys<'s> {
    store: &'s NeedleStore,
    /// Digests of needles by their place in the store, taken when first needed.
    needles: BTreeMap<usize, Option<Sum>>,
    /// Keys of power-on, by machine and image: to look for QEMU takes some tens of milliseconds.
    power_on: BTreeMap<String, Option<Sum>>,
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

    /// Gives every stage its key, and cuts stages that begin alike so that what they have in common is a stage of its own. Where
    /// something that counts cannot be told (an image or a medium without digest, a needle that cannot be read, a host without QEMU, a step that differs from attempt to
    /// attempt), a stage
    /// and those after it have no key, and nothing is saved.
    ///
    /// A job that a person wants to look at from a step on is cut there, too, and wherever `has` tells of a checkpoint on the way.
    pub(super) fn give(&mut self, jobs: &mut [Job], has: impl Fn(&CheckpointKey) -> bool) {
        let materials: Vec<Vec<Material>> = jobs.iter().map(materials).collect();
        // Which stages begin at the same place, under the same watches: those may share beginnings.
        let mut ways: BTreeMap<(Sum, Sum), BTreeMap<Place<'_>, Vec<Item>>> = BTreeMap::new();
        for (job, materials) in jobs.iter().zip(&materials) {
            let mut key = self.power_on(job);
            for (stage, material) in job.stages.iter().zip(materials) {
                let Some(start) = key else { break };
                ways.entry((start, material.watches()))
                    .or_default()
                    .insert((job.cell, &stage.scenario.name), material.items());
                key = self.after(start, &material.steps, &material.watches, &job.media);
            }
        }
        let mut cuts: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
        for ways in ways.into_values() {
            let (names, items): (Vec<_>, Vec<_>) = ways.into_iter().unzip();
            for ((cell, name), cut) in names.into_iter().zip(shared_beginnings(&items)) {
                cuts.insert((cell, name.to_owned()), cut);
            }
        }
        for (job, materials) in jobs.iter_mut().zip(materials) {
            let mut start = self.power_on(job);
            job.base = start.map(CheckpointKey::from_bytes);
            let (visited, name) = (job.visit.from.clone(), job.own_name().to_owned());
            let media = job.media.clone();
            let mut stages = Vec::new();
            for (stage, material) in std::mem::take(&mut job.stages).into_iter().zip(materials) {
                let cut = cuts.get(&(job.cell, stage.scenario.name.clone()));
                let mut cut: BTreeMap<usize, bool> =
                    cut.into_iter().flatten().map(|to| (*to, true)).collect();
                if let Some(visited) = visited.as_ref().filter(|_| stage.scenario.name == name) {
                    let before = steps_before(&stage.steps, visited);
                    for to in 1..before {
                        let steps = &material.steps[..to];
                        let key =
                            start.and_then(|key| self.after(key, steps, &material.watches, &media));
                        if key.is_some_and(|key| has(&CheckpointKey::from_bytes(key))) {
                            cut.entry(to).or_insert(false);
                        }
                    }
                    if before > 0 && !look_back(&stage.steps[before..]) {
                        cut.insert(before, true);
                    }
                }
                cut.insert(stage.steps.len(), stage.shared);
                let mut from = 0;
                let begins = start;
                for (to, shared) in cut {
                    // From the stage's beginning, so that it does not matter where else the stage is cut.
                    let steps = &material.steps[..to];
                    let key =
                        begins.and_then(|key| self.after(key, steps, &material.watches, &media));
                    start = key;
                    stages.push(Stage {
                        scenario: Arc::clone(&stage.scenario),
                        steps: stage.steps[from..to].to_vec(),
                        vars: stage.vars.clone(),
                        watches: stage.watches.clone(),
                        key: key.map(CheckpointKey::from_bytes),
                        shared,
                    });
                    from = to;
                }
            }
            job.stages = stages;
        }
    }

    fn power_on(&mut self, job: &Job) -> Option<Sum> {
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

    /// The key of what is `before` once some steps of a stage have been run there.
    fn after(
        &mut self,
        before: Sum,
        steps: &[(KeyMaterial, bool)],
        watches: &[KeyMaterial],
        media: &Media,
    ) -> Option<Sum> {
        let mut hash = Sha256::new();
        feed(&mut hash, &before);
        let mut looks = Looks::default();
        let steps = steps.iter().map(|(material, _)| (b's', material));
        for (kind, material) in steps.chain(watches.iter().map(|material| (b'w', material))) {
            if material.per_attempt {
                return None;
            }
            hash.update([kind]);
            hash.update(material.digest);
            looks.extend(&material.looks);
            for path in material.media.as_ref()? {
                feed(&mut hash, media.digest(path)?.as_bytes());
            }
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

/// How many steps there are before the one that is, or has inside it, the step of this number.
fn steps_before(steps: &[PlannedStep], id: &StepId) -> usize {
    let holds = |step: &PlannedStep| step.id == *id || id.is_inside(&step.id);
    steps.iter().position(holds).unwrap_or(0)
}

/// What counts of a stage.
#[derive(Debug)]
struct Material {
    /// Of its top-level steps, each with whether a way may be cut after it.
    steps: Vec<(KeyMaterial, bool)>,
    watches: Vec<KeyMaterial>,
}

impl Material {
    fn items(&self) -> Vec<Item> {
        self.steps
            .iter()
            .map(|(material, whole)| Item {
                digest: material.digest,
                whole: *whole,
            })
            .collect()
    }

    fn watches(&self) -> Sum {
        let mut hash = Sha256::new();
        for watch in &self.watches {
            hash.update(watch.digest);
        }
        hash.finalize().into()
    }
}

fn materials(job: &Job) -> Vec<Material> {
    let mut assigned = Assigned::new();
    job.stages
        .iter()
        .map(|stage| Material {
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

/// The digest of a needle's two files.
fn needle_digest(json: &Path) -> Option<Sum> {
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

#[cfg(test)]
mod tests;
