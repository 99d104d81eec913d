//! The keys of a job's checkpoints: one for the end of each stage, over everything that can change
//! what the machine is there.
//!
//! ```text
//! machine's identity, image digest --> key of power-on
//!     --steps, watches, needles of the first stage--> key of its end --> ...
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use scenarios::{
    Assigned, Date, Item, KeyMaterial, Keyboard, Looks, PlannedStep, StepId, Watch,
    shared_beginnings,
};
use sha2::{Digest, Sha256};
use vm::checkpoint::CheckpointKey;
use vm::image::ImageStore;

use crate::engine::{Job, Media, SavedFor, Stage, look_back};
use crate::needle_store::NeedleStore;

/// Goes into every key: keys of programs that save, read or judge otherwise must differ. To be raised with each such
/// change; that of a release counts by itself.
const FORMAT: &str = concat!("qa checkpoint 3 ", env!("CARGO_PKG_VERSION"));

/// The cell of a matrix and the name of a scenario in it: what a stage is of.
type Place<'n> = (usize, &'n str);

/// A SHA-256.
type Sum = [u8; 32];

/// Makes keys for the jobs of a run.
#[derive(Debug)]
pub(super) struct Keys<'s> {
    store: &'s NeedleStore,
    /// Where the digests of QEMU and its firmware are noted.
    images: &'s ImageStore,
    /// Digests of needles by their place in the store, taken when first needed.
    needles: BTreeMap<usize, Option<Sum>>,
    /// Keys of power-on, by machine and image: to look for QEMU takes some tens of milliseconds.
    power_on: BTreeMap<String, Option<Sum>>,
    /// The day of the run, where the clock tells one.
    today: Option<Date>,
}

impl<'s> Keys<'s> {
    /// None yet, for a run on this day.
    pub(super) fn new(store: &'s NeedleStore, images: &'s ImageStore, today: Option<Date>) -> Self {
        Self {
            store,
            images,
            needles: BTreeMap::new(),
            power_on: BTreeMap::new(),
            today,
        }
    }

    /// Gives every stage its key, and cuts stages that begin alike so that what they have in common is a stage of its
    /// own. Where something that counts cannot be told (an image or a medium without digest, a needle that cannot be
    /// read, a host without QEMU, a step that differs from attempt to attempt, a soft failure whose excuse is over), a
    /// stage and those after it have no key, and nothing is saved.
    ///
    /// A job that a person wants to look at from a step on is cut there, too, and wherever `left` tells of a checkpoint
    /// on the way. Any other is cut at the last place where `left` tells of one that scenarios begin at.
    pub(super) fn give(
        &mut self,
        jobs: &mut [Job],
        left: impl Fn(&CheckpointKey) -> Option<SavedFor>,
    ) {
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
                key = self.after(start, material, material.steps.len(), &job.media);
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
            let mut begins = self.power_on(job);
            job.base = begins.map(CheckpointKey::from_bytes);
            let mut parts = Vec::new();
            for (stage, material) in job.stages.iter().zip(&materials) {
                let shared = cuts.get(&(job.cell, stage.scenario.name.clone()));
                let shared = shared.into_iter().flatten().map(|to| (*to, true));
                parts.push(Parts {
                    begins,
                    ends: shared.chain([(stage.steps.len(), stage.shared)]).collect(),
                });
                begins = self.sum_of(material, begins, stage.steps.len(), &job.media);
            }
            self.cut_for_visit(job, &materials, &mut parts, &left);
            self.cut_at_nearest(job, &materials, &mut parts, &left);
            let mut stages = Vec::new();
            let whole = std::mem::take(&mut job.stages);
            for ((stage, material), parts) in whole.into_iter().zip(&materials).zip(parts) {
                let mut from = 0;
                for (to, shared) in parts.ends {
                    let key = self.key_of(material, parts.begins, to, &job.media);
                    stages.push(Stage {
                        scenario: Arc::clone(&stage.scenario),
                        steps: stage.steps[from..to].to_vec(),
                        vars: stage.vars.clone(),
                        keyboard: stage.keyboard,
                        off: stage.off.clone(),
                        watches: stage.watches.clone(),
                        key,
                        shared,
                    });
                    from = to;
                }
            }
            job.stages = stages;
        }
    }

    /// Cuts the judged scenario where a person wants to begin, and wherever there is a checkpoint before that.
    fn cut_for_visit(
        &mut self,
        job: &Job,
        materials: &[Material],
        parts: &mut [Parts],
        left: &impl Fn(&CheckpointKey) -> Option<SavedFor>,
    ) {
        let Some(from) = &job.visit.from else { return };
        for ((stage, material), parts) in job.stages.iter().zip(materials).zip(parts) {
            if stage.scenario.name != job.own_name() {
                continue;
            }
            let before = steps_before(&stage.steps, from);
            for to in 1..before {
                let key = self.key_of(material, parts.begins, to, &job.media);
                if key.and_then(|key| left(&key)).is_some() {
                    parts.ends.entry(to).or_insert(false);
                }
            }
            if before > 0 && !look_back(&stage.steps[before..]) {
                parts.ends.insert(before, true);
            }
        }
    }

    /// Cuts at the last place from which the job could start since there is a checkpoint: one that another scenario,
    /// which begins alike and takes no part now, was cut at in an earlier run. Where the job has a nearer place to
    /// start from, it stays as it is.
    fn cut_at_nearest(
        &mut self,
        job: &Job,
        materials: &[Material],
        parts: &mut [Parts],
        left: &impl Fn(&CheckpointKey) -> Option<SavedFor>,
    ) {
        let last = job.stages.len() - 1;
        for (index, parts) in parts.iter_mut().enumerate().rev() {
            let (stage, material) = (&job.stages[index], &materials[index]);
            let is_visited = job.visit.from.is_some() && stage.scenario.name == job.own_name();
            // No scenario is judged by its checkpoint alone.
            let most = match stage.steps.len() {
                all if index == last => all.saturating_sub(1),
                all => all,
            };
            for to in (1..=most).rev() {
                let is_planned = parts.ends.contains_key(&to);
                let is_whole = material.steps[to - 1].1;
                let may_be_cut = is_whole && !is_visited && !look_back(&stage.steps[to..]);
                if !is_planned && !may_be_cut {
                    continue;
                }
                let key = self.key_of(material, parts.begins, to, &job.media);
                match key.and_then(|key| left(&key)) {
                    Some(SavedFor::Visit) if !is_planned => {}
                    Some(_) => {
                        parts.ends.entry(to).or_insert(false);
                        return;
                    }
                    None => {}
                }
            }
        }
    }

    /// The key of the end of some steps of a stage: from the stage's beginning, so that it does not
    /// matter where else it is cut.
    fn key_of(
        &mut self,
        material: &Material,
        begins: Option<Sum>,
        to: usize,
        media: &Media,
    ) -> Option<CheckpointKey> {
        let sum = self.sum_of(material, begins, to, media)?;
        Some(CheckpointKey::from_bytes(sum))
    }

    fn sum_of(
        &mut self,
        material: &Material,
        begins: Option<Sum>,
        to: usize,
        media: &Media,
    ) -> Option<Sum> {
        self.after(begins?, material, to, media)
    }

    fn power_on(&mut self, job: &Job) -> Option<Sum> {
        let digest = job.image.digest.as_deref()?;
        let spec = job.spec()?;
        // Steps that run on the serial line leave a shell of this user there.
        let login = job
            .machine
            .login
            .as_ref()
            .map_or_else(String::new, |login| {
                let password = login.password.as_ref().map(|name| &name.value);
                let prompt = login.prompt.as_ref().map(scenarios::Pattern::as_str);
                format!("{:?} {password:?} {prompt:?}", login.user)
            });
        let machine = format!("{digest} {spec:?} {login}");
        let images = self.images;
        let key = self.power_on.entry(machine).or_insert_with(|| {
            let identity = spec.identity(images).ok()?;
            let mut hash = Sha256::new();
            for part in [FORMAT, digest, &identity, &login] {
                feed(&mut hash, part.as_bytes());
            }
            Some(hash.finalize().into())
        });
        *key
    }

    /// Whether this last day is over.
    fn is_past(&self, last: Option<Date>) -> bool {
        last.zip(self.today)
            .is_some_and(|(last, today)| today > last)
    }

    /// The key of what is `before` once some steps of a stage have been run there.
    fn after(&mut self, before: Sum, material: &Material, to: usize, media: &Media) -> Option<Sum> {
        let (steps, watches) = (&material.steps[..to], &material.watches);
        let mut hash = Sha256::new();
        feed(&mut hash, &before);
        if let Some(keyboard) = &material.keyboard {
            feed(&mut hash, keyboard.as_bytes());
        }
        let mut looks = Looks::default();
        let steps = steps.iter().map(|(material, _)| (b's', material));
        for (kind, material) in steps.chain(watches.iter().map(|material| (b'w', material))) {
            if material.per_attempt || self.is_past(material.expires) {
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

/// The parts that a stage is cut into.
#[derive(Debug)]
struct Parts {
    /// The key of where the stage begins.
    begins: Option<Sum>,
    /// After how many steps each part ends, and whether others start there.
    ends: BTreeMap<usize, bool>,
}

/// What counts of a stage.
#[derive(Debug)]
struct Material {
    /// The keyboard that the steps type on; none for the usual one.
    keyboard: Option<String>,
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

    /// Returns the digest of what counts all the time: the watches and the keyboard.
    fn watches(&self) -> Sum {
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

fn materials(job: &Job) -> Vec<Material> {
    let mut assigned = Assigned::new();
    job.stages
        .iter()
        .map(|stage| Material {
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
