//! Names checkpoints: a key for the end of each piece of a job, over everything that can change what the machine is
//! there. A key is the same on every host that has the same files.
//!
//! ```text
//! machine's identity, image digest --> key of power-on
//!     --steps, watches, needles of the first stage--> key of its end --> ...
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use scenarios::{Date, Looks};
use sha2::{Digest, Sha256};
use vm::MachineSpec;
use vm::checkpoint::CheckpointKey;

use super::material::{Material, Sum, feed};
use crate::needle_store::NeedleStore;
use crate::plan::checked::CheckedJob;

/// Goes into every key, since keys of programs that save, read or judge otherwise must differ. It is raised with each
/// such change; the change of a release counts by itself.
const FORMAT: &str = concat!("qa checkpoint 3 ", env!("CARGO_PKG_VERSION"));

/// Makes the keys of a run's checkpoints.
pub(super) struct CheckpointKeys<'s> {
    store: &'s NeedleStore,
    /// Names a machine: the same text for two machines only if they are the same to their guests.
    identity: &'s dyn Fn(&MachineSpec) -> Option<String>,
    /// The day of the run, where the clock tells one.
    today: Option<Date>,
    /// Digests of needles by their place in the store, taken when first needed.
    needles: BTreeMap<usize, Option<Sum>>,
    /// Keys of power-on, by machine and image: an identity takes some tens of milliseconds.
    power_on: BTreeMap<String, Option<Sum>>,
}

impl<'s> CheckpointKeys<'s> {
    /// Makes none yet, for a run on this day with these needles.
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

    /// Returns the key of a job's machine as it is switched on; none where the digest of the image is not known, or the
    /// host cannot start the machine.
    pub(super) fn power_on(&mut self, job: &CheckedJob) -> Option<Sum> {
        let subject = &job.draft.subject;
        let digest = subject.image.digest.as_deref()?;
        let spec = subject.spec.as_ref().ok()?;
        // Steps that run on the serial line leave a shell of this user there.
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

    /// Returns the key of the end of the first `steps` steps of a stage that begins at `begins`: from the beginning of
    /// the stage, so that it does not matter where else the stage is cut.
    ///
    /// Returns none where something that counts is not known: a step that differs from attempt to attempt, a medium
    /// without a digest, a needle that cannot be read, a soft failure whose excuse is over.
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

    /// Returns whether this last day is over.
    fn is_past(&self, last: Option<Date>) -> bool {
        last.zip(self.today)
            .is_some_and(|(last, today)| today > last)
    }
}

/// The names of the machines that a run keeps. They are made of what stands in its event log, so that they are found
/// from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptMachines {
    run: String,
    started: String,
}

impl KeptMachines {
    /// Names those of the run of this name that began at this time, as its log writes it.
    pub(crate) fn of_run(run: &str, started: &str) -> Self {
        Self {
            run: run.to_owned(),
            started: started.to_owned(),
        }
    }

    /// Returns the key of the machine on which an attempt failed. `base` stands for the machine as it is switched on:
    /// one that was rebuilt since, or whose image was, is another.
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
