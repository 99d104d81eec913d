//! The benches of a scenario, by the name of their machine. Steps that name no machine act on the default one.

use std::collections::BTreeMap;

use crate::engine::bench::Bench;
use crate::engine::shared::Engine;
use crate::plan::Job;
use crate::recorder::Recorder;

/// The name of the machine in a scenario that has only one.
const ONLY: &str = "machine";

/// The benches of a scenario, by the name of their machine.
#[derive(Debug)]
pub(in crate::engine) struct Benches<'e> {
    default: Bench<'e>,
    others: BTreeMap<String, Bench<'e>>,
}

impl<'e> Benches<'e> {
    /// Makes the bench of a scenario with one machine. Its files go to `attempt_folder`, a path inside the folder of
    /// the run.
    pub(in crate::engine) fn one(
        engine: &'e Engine,
        job: &'e Job,
        recorder: &Recorder,
        attempt_folder: &str,
    ) -> Self {
        Self::named(engine, job, recorder, attempt_folder, ONLY, &[])
    }

    /// Makes the benches of a scenario. If there are several, events name the machine, and each machine has a folder
    /// of its own.
    fn named(
        engine: &'e Engine,
        job: &'e Job,
        recorder: &Recorder,
        attempt_folder: &str,
        default: &str,
        others: &[&str],
    ) -> Self {
        let bench = |name: &str| {
            let (recorder, folder) = match others {
                [] => (recorder.clone(), attempt_folder.to_owned()),
                _ => (
                    recorder.of_machine(name),
                    format!("{attempt_folder}/{name}"),
                ),
            };
            Bench::new(engine, job, recorder, folder)
        };
        Self {
            default: bench(default),
            others: others
                .iter()
                .map(|name| ((*name).to_owned(), bench(name)))
                .collect(),
        }
    }

    /// Returns the default bench, for steps that name no machine.
    pub(in crate::engine) fn default(&self) -> &Bench<'e> {
        &self.default
    }

    /// Returns the default bench for changes.
    pub(in crate::engine) fn default_mut(&mut self) -> &mut Bench<'e> {
        &mut self.default
    }

    /// Returns all benches, the default one first.
    pub(in crate::engine) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Bench<'e>> {
        std::iter::once(&mut self.default).chain(self.others.values_mut())
    }
}
