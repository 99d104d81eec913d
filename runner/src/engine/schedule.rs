//! Decides which job starts next. Pure, so that tests can play it through.
//!
//! A job waits while another one runs a stage that both need, because it can start from that stage's checkpoint then.
//! It also waits for resources of the host that only one machine can use. A job is skipped if a stage that it needs did
//! not hold in this run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reports::Verdict;
use vm::checkpoint::CheckpointKey;

use crate::engine::policy::Policy;
use crate::host::Exclusive;
use crate::plan::{Job, Stage};

/// A job, or one of its repetitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    /// The index of the job.
    pub job: usize,
    /// The number of its first attempt.
    pub number: u32,
}

/// The next thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Start {
    /// Run a job.
    Run {
        /// The job.
        unit: Unit,
        /// True if it continues on the machine that another job left.
        goes_on: bool,
    },
    /// Skip a job.
    Skip {
        /// The job.
        unit: Unit,
        /// The name of the scenario before it that did not hold.
        after: String,
        /// The verdict of that scenario.
        verdict: Verdict,
    },
}

/// The jobs of a run, with their progress.
#[derive(Debug)]
pub(super) struct Schedule {
    jobs: Vec<Arc<Job>>,
    policy: Policy,
    /// The jobs that have not been started, in the order of the plan.
    pending: Vec<Unit>,
    /// The jobs that run, each with the keys of the checkpoints that it will make.
    running: BTreeMap<Unit, BTreeSet<CheckpointKey>>,
    /// The scenarios that did not hold in this run, by cell and name.
    broken: BTreeMap<(usize, String), Verdict>,
}

impl Schedule {
    /// Makes the schedule of these jobs. None is started yet.
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

    /// Returns a job that can be started or skipped now; none if all must wait. `left` is the cell and the name of the
    /// scenario that left a running machine. `has` returns whether there is a checkpoint of a stage's end, `lacks`
    /// whether it is missing and can be made.
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
            // If the host lacks something, each scenario reports that itself, and is not skipped for another one.
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

    /// Returns whether a running job will make a checkpoint that this job needs, or judges a scenario that it needs.
    fn must_wait(&self, job: &Job, before: &[Stage], has: impl Fn(&Stage) -> bool) -> bool {
        // Stages before the nearest checkpoint are not needed.
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

    /// Returns whether a machine that runs, or was left running, uses a resource of the host that the job's machine
    /// needs for itself.
    fn is_taken(&self, job: &Job, left: Option<(usize, &str)>) -> bool {
        let needed = Exclusive::of(&job.machine);
        if needed.is_empty() {
            return false;
        }
        let running = self.running.keys().map(|unit| &self.jobs[unit.job]);
        // All machines of a cell are equal.
        let of_left = |job: &&Arc<Job>| left.is_some_and(|(cell, _)| cell == job.cell);
        let others = running.chain(self.jobs.iter().find(of_left));
        let mut taken = others.flat_map(|other| Exclusive::of(&other.machine));
        taken.any(|one| needed.iter().any(|needed| needed.clashes(&one)))
    }

    /// Notes that a checkpoint was made, or will not be made, so that no job waits for it any more.
    pub(super) fn settle(&mut self, key: &CheckpointKey) {
        for keys in self.running.values_mut() {
            keys.remove(key);
        }
    }

    /// Notes the end of a job. `failed_stage` is the stage that did not hold; jobs that need it are skipped.
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

    /// Drops all pending jobs, so that no more are started.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests;
