//! Which job starts next: pure, so that tests can play it through.
//!
//! A job waits while another one is on its way through a stage that both need, since it can start from that stage's
//! checkpoint then. It is skipped when a stage that it needs did not hold in this run. It waits, too, for what of the
//! host only one machine can have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reports::Verdict;
use vm::checkpoint::CheckpointKey;

use crate::engine::policy::Policy;
use crate::host::Exclusive;
use crate::plan::{Job, Stage};

/// One thing to do: a job, or one of its repetitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    /// Index of the job.
    pub job: usize,
    /// Number of its first attempt.
    pub number: u32,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Start {
    /// Start it now.
    Run {
        /// What.
        unit: Unit,
        /// Whether it goes on with the machine that was left.
        goes_on: bool,
    },
    /// It need not be tried.
    Skip {
        /// What.
        unit: Unit,
        /// The scenario before it that did not hold.
        after: String,
        /// What that came out as.
        verdict: Verdict,
    },
}

/// The jobs of a run, and how far they are.
#[derive(Debug)]
pub(super) struct Schedule {
    jobs: Vec<Arc<Job>>,
    policy: Policy,
    /// What has not been started, in the order of the plan.
    pending: Vec<Unit>,
    /// What runs, each with the ends of stages that it will save.
    running: BTreeMap<Unit, BTreeSet<CheckpointKey>>,
    /// Scenarios that did not hold in this run, by cell and name.
    broken: BTreeMap<(usize, String), Verdict>,
}

impl Schedule {
    /// Nothing has been started.
    pub(super) fn new(jobs: &[Arc<Job>], policy: Policy) -> Self {
        let units = |job| (1..=policy.repeat.max(1)).map(move |number| Unit { job, number });
        Self {
            jobs: jobs.to_vec(),
            policy,
            pending: (0..jobs.len()).flat_map(units).collect(),
            running: BTreeMap::new(),
            broken: BTreeMap::new(),
        }
    }

    /// Returns the job that can be started or skipped now; none when running ones must come further first. `left` is
    /// the scenario that left a machine to go on with, and its cell, `has` tells whether there is a checkpoint of a
    /// stage's end, `lacks` whether one can be made.
    pub(super) fn next(
        &mut self,
        left: Option<(usize, &str)>,
        has: impl Fn(&Stage) -> bool,
        lacks: impl Fn(&Stage) -> bool,
    ) -> Option<Start> {
        for place in 0..self.pending.len() {
            let unit = self.pending[place];
            let job = Arc::clone(&self.jobs[unit.job]);
            let before = &job.stages[..job.stages.len() - 1];
            // What the host lacks is told of each scenario by itself: one before it is not to blame.
            let tried = before.iter().filter(|_| job.host_lack.is_none());
            let hopeless = tried.into_iter().find_map(|stage| {
                let named = (job.cell, stage.scenario.name.clone());
                self.broken.get_key_value(&named)
            });
            if let Some(((_, after), verdict)) = hopeless {
                let (after, verdict) = (after.clone(), *verdict);
                self.pending.remove(place);
                return Some(Start::Skip {
                    unit,
                    after,
                    verdict,
                });
            }
            if self.running.len() >= self.policy.slots.max(1) {
                continue;
            }
            let parent = job.parent().map(|parent| (job.cell, parent));
            let goes_on = left.is_some() && left == parent;
            if !goes_on && (self.must_wait(&job, before, &has) || self.is_taken(&job, left)) {
                continue;
            }
            self.pending.remove(place);
            let saves = |stage: &&Stage| stage.shared && lacks(stage);
            let keys = job
                .stages
                .iter()
                .filter(saves)
                .filter_map(|stage| stage.key);
            self.running.insert(unit, keys.collect());
            return Some(Start::Run { unit, goes_on });
        }
        None
    }

    /// Whether something that runs is on its way through a stage that is needed and not there yet.
    fn must_wait(&self, job: &Job, before: &[Stage], has: impl Fn(&Stage) -> bool) -> bool {
        // What is behind the nearest checkpoint is not needed.
        let needed = before.iter().rev().take_while(|stage| !has(stage));
        needed.into_iter().any(|stage| {
            let is_made = stage
                .key
                .is_some_and(|key| self.running.values().any(|keys| keys.contains(&key)));
            let is_judged = self.running.keys().any(|unit| {
                let other = &self.jobs[unit.job];
                other.cell == job.cell && other.own_name() == stage.scenario.name
            });
            is_made || is_judged
        })
    }

    /// Returns whether a machine that runs, or was left, has something of the host that the job's machine needs as
    /// well.
    fn is_taken(&self, job: &Job, left: Option<(usize, &str)>) -> bool {
        let needed = Exclusive::of(&job.machine);
        if needed.is_empty() {
            return false;
        }
        let running = self.running.keys().map(|unit| &self.jobs[unit.job]);
        // All machines of a cell are alike.
        let of_left = |job: &&Arc<Job>| left.is_some_and(|(cell, _)| cell == job.cell);
        let others = running.chain(self.jobs.iter().find(of_left));
        let mut taken = others.flat_map(|other| Exclusive::of(&other.machine));
        taken.any(|one| needed.iter().any(|needed| needed.clashes(one)))
    }

    /// A stage's end is saved, or will not be: who waits for it need not any more.
    pub(super) fn settle(&mut self, key: &CheckpointKey) {
        for keys in self.running.values_mut() {
            keys.remove(key);
        }
    }

    /// Something that ran has ended.
    pub(super) fn finished(&mut self, unit: Unit, verdict: Verdict, failed_stage: Option<&str>) {
        self.running.remove(&unit);
        if let Some(stage) = failed_stage {
            let job = &self.jobs[unit.job];
            for name in [stage, job.own_name()] {
                self.broken.insert((job.cell, name.to_owned()), verdict);
            }
            if self.policy.until_fail {
                self.pending.retain(|pending| pending.job != unit.job);
            }
        }
    }

    /// Nothing more is to be started.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests;
