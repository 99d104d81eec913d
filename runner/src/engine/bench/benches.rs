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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::macros::datetime;

    use super::*;
    use crate::engine::machines::Machines;
    use crate::feed::Feed;
    use crate::needle_store::NeedleStore;
    use crate::plan::Stage;
    use crate::results::RunFolder;

    /// Makes benches of these names, lets each write a remark, and returns the machine of each event and the folder of
    /// each bench.
    fn noted(default: &str, others: &[&str]) -> Vec<(Option<String>, String)> {
        let dir = tempfile::tempdir().expect("a folder");
        let now = datetime!(2026-11-30 02:03:04 UTC);
        let folder = RunFolder::create(dir.path(), now).expect("a folder");
        let run = folder.path().to_owned();
        let feed = Feed::new();
        let store = Arc::new(NeedleStore::open(&[]));
        let engine = Engine::sample(Machines::Qemu, store, &feed, folder);
        let job = Job::sample("two", vec![Stage::sample("two")]);
        let recorder = engine.recorder.of_attempt("two", 1);
        let mut benches = Benches::named(&engine, &job, &recorder, "two", default, others);
        let mut folders = Vec::new();
        for bench in benches.iter_mut() {
            bench.note("here");
            let below = bench.folder.strip_prefix(&run).expect("in the run");
            folders.push(below.display().to_string());
        }
        let machines = feed
            .entries()
            .iter()
            .map(|entry| entry.envelope.machine.clone())
            .collect::<Vec<_>>();
        machines.into_iter().zip(folders).collect()
    }

    #[test]
    fn one_machine_needs_no_name() {
        assert_eq!(noted("pc", &[]), [(None, "two".to_owned())]);
    }

    #[test]
    fn several_machines_have_their_names_in_events_and_their_own_folders() {
        let some = |name: &str| (Some(name.to_owned()), format!("two/{name}"));
        assert_eq!(
            noted("server", &["client", "router"]),
            ["server", "client", "router"].map(some)
        );
    }
}
