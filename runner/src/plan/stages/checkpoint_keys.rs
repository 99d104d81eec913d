//! Computes the keys of checkpoints: one for the end of each stage, over everything that can change the machine's state
//! there. A key is the same on every host that has the same files.
//!
//! ```text
//! machine's identity, image digest --> key of power-on
//!     --steps, watches, needles of the first stage--> key of its end --> ...
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use scenarios::{Date, Looks};
use sha2::{Digest, Sha256};
use vm::MachineSpec;
use vm::checkpoint::CheckpointKey;

use super::material::{Material, Sum, feed};
use crate::needle_store::NeedleStore;
use crate::plan::checked::CheckedJob;

/// A part of every key, because versions of `qa` that save, read or judge differently must have different keys. The
/// number is raised with each such change between releases; the version of the release is a part of it.
const FORMAT: &str = concat!("qa checkpoint 3 ", env!("CARGO_PKG_VERSION"));

/// A needle that steps may look for.
#[derive(Debug, Clone)]
pub(in crate::plan) struct NeedleFiles {
    /// Its JSON file. Its picture stands beside it.
    pub json: PathBuf,
    /// The digest of both files; none if one cannot be read.
    pub digest: Option<Sum>,
}

/// Computes the keys of a run's checkpoints.
pub(super) struct CheckpointKeys<'s> {
    store: &'s NeedleStore,
    /// Returns the identity of a machine. Two machines have the same identity only if their guests see no difference.
    identity: &'s dyn Fn(&MachineSpec) -> Option<String>,
    /// The day of the run; none if the clock does not tell it.
    today: Option<Date>,
    /// The digests of needles by their index in the store, computed when first needed.
    needles: BTreeMap<usize, Option<Sum>>,
    /// The keys of power-on, by machine and image. Kept because an identity takes some tens of milliseconds.
    power_on: BTreeMap<String, Option<Sum>>,
}

impl<'s> CheckpointKeys<'s> {
    /// Prepares for a run on this day with these needles.
    pub(super) fn new(
        store: &'s NeedleStore,
        identity: &'s dyn Fn(&MachineSpec) -> Option<String>,
        today: Option<Date>,
    ) -> Self {
        Self {
            store,
            identity,
            today,
            needles: BTreeMap::new(),
            power_on: BTreeMap::new(),
        }
    }

    /// Returns the key of a job's machine at power-on; none if the digest of the image is unknown, or the host cannot
    /// start the machine.
    pub(super) fn power_on(&mut self, job: &CheckedJob) -> Option<Sum> {
        let subject = &job.draft.subject;
        let digest = subject.image.digest.as_deref()?;
        let spec = subject.target.as_ref().ok()?.virtual_machine()?;
        // Commands on the serial line leave a shell of this user there, so the login is part of the key.
        let login = subject
            .machine
            .login
            .as_ref()
            .map_or_else(String::new, |login| {
                let password = login.password.as_ref().map(|name| &name.value);
                let prompt = login.prompt.as_ref().map(scenarios::Pattern::as_str);
                format!("{:?} {password:?} {prompt:?}", login.user)
            });
        let machine = format!("{digest} {spec:?} {login}");
        let identity = self.identity;
        let key = self.power_on.entry(machine).or_insert_with(|| {
            let identity = identity(spec)?;
            let mut hash = Sha256::new();
            for part in [FORMAT, digest, &identity, &login] {
                feed(&mut hash, part.as_bytes());
            }
            Some(hash.finalize().into())
        });
        *key
    }

    /// Returns the key of the machine after the first `steps` steps of a scenario that begins at the key `begins`. It
    /// always covers all steps from the beginning, so it does not depend on other cuts of the scenario.
    ///
    /// Returns none if something is unknown: a step differs in each attempt, a medium or a copied file has no digest, a
    /// needle cannot be read, or the excuse of a soft failure has expired.
    pub(super) fn end(
        &mut self,
        job: &CheckedJob,
        begins: Option<Sum>,
        material: &Material,
        steps: usize,
    ) -> Option<Sum> {
        let mut hash = Sha256::new();
        feed(&mut hash, &begins?);
        if let Some(keyboard) = &material.keyboard {
            feed(&mut hash, keyboard.as_bytes());
        }
        let mut looks = Looks::default();
        let steps = material.steps[..steps].iter();
        let steps = steps.map(|(material, _)| (b's', material));
        let watches = material.watches.iter().map(|material| (b'w', material));
        for (kind, material) in steps.chain(watches) {
            if material.per_attempt || self.is_past(material.expires) {
                return None;
            }
            hash.update([kind]);
            hash.update(material.digest);
            looks.extend(&material.looks);
            for path in material.media.as_ref()? {
                feed(&mut hash, job.media.digest(path)?.as_bytes());
            }
            for path in material.files.as_ref()? {
                feed(&mut hash, job.put_files.digest(path)?.as_bytes());
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

    /// Returns the needles that scenarios with these materials may look for.
    pub(super) fn needles(&mut self, materials: &[Material]) -> Vec<NeedleFiles> {
        let mut looks = Looks::default();
        for material in materials {
            let steps = material.steps.iter().map(|(step, _)| step);
            for part in steps.chain(&material.watches) {
                looks.extend(&part.looks);
            }
        }
        let store = self.store;
        let wanted = store
            .entries()
            .enumerate()
            .filter_map(|(place, (needle, json))| {
                looks.include(needle.tags()).then_some((place, json))
            });
        wanted
            .map(|(place, json)| {
                let digest = self.needles.entry(place);
                NeedleFiles {
                    json: json.to_owned(),
                    digest: *digest.or_insert_with(|| needle_digest(json)),
                }
            })
            .collect()
    }

    /// Returns whether today is after this last day.
    fn is_past(&self, last: Option<Date>) -> bool {
        last.zip(self.today)
            .is_some_and(|(last, today)| today > last)
    }
}

/// The keys of the machines that a run keeps after failures. They are computed from facts in its event log, so that
/// `qa resume` can find them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptMachines {
    run: String,
    started: String,
}

impl KeptMachines {
    /// Prepares the keys of the run with this name and start time, as its log writes them.
    pub(crate) fn of_run(run: &str, started: &str) -> Self {
        Self {
            run: run.to_owned(),
            started: started.to_owned(),
        }
    }

    /// Returns the key of the machine on which an attempt failed. `base` is the key of the machine at power-on, so a
    /// machine or image that has changed since has another key.
    pub(crate) fn key(&self, base: &CheckpointKey, scenario: &str, attempt: u32) -> CheckpointKey {
        let mut hash = Sha256::new();
        let (base, attempt) = (base.to_string(), attempt.to_string());
        for part in ["kept", &self.run, &self.started, &base, scenario, &attempt] {
            feed(&mut hash, part.as_bytes());
        }
        CheckpointKey::from_bytes(hash.finalize().into())
    }
}

/// Returns the digest of a needle's two files.
fn needle_digest(json: &Path) -> Option<Sum> {
    let mut hash = Sha256::new();
    for path in [json, &json.with_extension("png")] {
        feed(&mut hash, &fs::read(path).ok()?);
    }
    Some(hash.finalize().into())
}
