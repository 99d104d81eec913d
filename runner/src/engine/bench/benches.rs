//! The machines of a scenario, by name. One of them is the default: steps that name no machine act on it.

use std::collections::BTreeMap;

use crate::engine::bench::Bench;
use crate::engine::shared::Engine;
use crate::plan::Job;
use crate::recorder::Recorder;

/// The name of the machine of a scenario that has one.
const ONLY: &str = "machine";

/// The machines of a scenario, by name.
#[derive(Debug)]
pub(in crate::engine) struct Benches<'e> {
    default: Bench<'e>,
    others: BTreeMap<String, Bench<'e>>,
}

impl<'e> Benches<'e> {
    /// Makes the bench of a scenario with one machine. Its files lie in `attempt_folder`, in the folder of the run.
    pub(in crate::engine) fn one(
        engine: &'e Engine,
        job: &'e Job,
        recorder: &Recorder,
        attempt_folder: &str,
    ) -> Self {
        Self::named(engine, job, recorder, attempt_folder, ONLY, &[])
    }

    /// Makes the benches of a scenario. Where there are several, events name the machine, and the files of each lie in
    /// a folder of its name.
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

    /// Returns the bench that steps act on which name no machine.
    pub(in crate::engine) fn default(&self) -> &Bench<'e> {
        &self.default
    }

    /// Returns the same, to act on it.
    pub(in crate::engine) fn default_mut(&mut self) -> &mut Bench<'e> {
        &mut self.default
    }

    /// Returns all benches, the default one first.
    pub(in crate::engine) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Bench<'e>> {
        std::iter::once(&mut self.default).chain(self.others.values_mut())
    }
}
