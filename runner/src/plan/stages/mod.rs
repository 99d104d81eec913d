//! From checked jobs to planned stages: where the ways are cut, and what the checkpoints at the cuts are called.

mod checkpoint_keys;
mod cut;
mod material;

use std::sync::Arc;

use scenarios::{Date, PlannedStep};
use serde::{Deserialize, Serialize};
use vm::MachineSpec;
use vm::checkpoint::CheckpointKey;

use self::checkpoint_keys::CheckpointKeys;
use self::cut::{Way, cut_shared};
use super::checked::CheckedJob;
use super::job::Stage;
use super::request::{End, Part};
use crate::needle_store::NeedleStore;

pub(crate) use checkpoint_keys::KeptMachines;
pub(crate) use cut::Saved;

/// What a checkpoint was saved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SavedFor {
    /// Scenarios begin there.
    #[default]
    Scenarios,
    /// A person began there, at a step of one scenario: no other run is led to this place.
    Inspection,
}

/// What the plan of stages depends on, beside the jobs.
pub(super) struct StageSources<'s> {
    /// The needles.
    pub store: &'s NeedleStore,
    /// Names a machine: the same text for two machines only if they are the same to their guests.
    pub identity: &'s dyn Fn(&MachineSpec) -> Option<String>,
    /// The day of the run, where the clock tells one.
    pub today: Option<Date>,
    /// The checkpoints that the run may start from.
    pub saved: Saved<'s>,
    /// The part of the one scenario that runs.
    pub part: Option<&'s Part>,
}

/// The stages of a job.
#[derive(Debug)]
pub(super) struct PlannedStages {
    /// Stands for the machine with the image in it as it is switched on; none where that is not known.
    pub base: Option<CheckpointKey>,
    /// From power-on to the end of the job. Never empty.
    pub stages: Vec<Stage>,
}

/// Cuts the ways of jobs into stages and gives every stage its key. If something that counts is not known (an image or
/// a medium without digest, a needle that cannot be read, a host without QEMU), a stage and those after it have no
/// key, and nothing is saved.
///
/// A job that a person looks into is cut where the person wants to begin, and wherever there is a checkpoint on the
/// way. Any other is cut at the last place at which there is a checkpoint that scenarios begin at.
pub(super) fn stages(jobs: &[CheckedJob], sources: &StageSources<'_>) -> Vec<PlannedStages> {
    let mut keys = CheckpointKeys::new(sources.store, sources.identity, sources.today);
    let mut ways: Vec<Way<'_>> = jobs.iter().map(|job| Way::whole(job, &mut keys)).collect();
    cut_shared(&mut ways);
    let planned = ways.into_iter().map(|mut way| {
        if let Some(part) = sources.part {
            way.cut_for_person(part, &mut keys, sources.saved);
        }
        way.cut_at_nearest(sources.part, &mut keys, sources.saved);
        let base = keys.power_on(way.job);
        PlannedStages {
            base: base.map(CheckpointKey::from_bytes),
            stages: ended(
                pieces(&way, &mut keys),
                way.job.draft.own_name(),
                sources.part,
            ),
        }
    });
    planned.collect()
}

/// Returns the pieces of a way as stages.
fn pieces(way: &Way<'_>, keys: &mut CheckpointKeys<'_>) -> Vec<Stage> {
    let mut stages = Vec::new();
    for (index, whole) in way.job.draft.stages.iter().enumerate() {
        let mut from = 0;
        for (&to, &shared) in &way.ends[index] {
            stages.push(Stage {
                scenario: Arc::clone(&whole.scenario),
                steps: whole.steps[from..to].to_vec(),
                vars: whole.vars.clone(),
                keyboard: whole.keyboard,
                off: whole.off.clone(),
                watches: whole.watches.clone(),
                key: way.key(index, to, keys),
                shared,
            });
            from = to;
        }
    }
    stages
}

/// Leaves out what comes after the end of a part. What is left of the scenario has no end that others could start from.
fn ended(mut stages: Vec<Stage>, judged: &str, part: Option<&Part>) -> Vec<Stage> {
    let Some(end @ (End::After(id) | End::Before(id))) = part.and_then(Part::end) else {
        return stages;
    };
    let holds = |stage: &Stage| {
        stage.scenario.name == judged && PlannedStep::find(&stage.steps, id).is_some()
    };
    let Some(last) = stages.iter().position(holds) else {
        return stages;
    };
    stages.truncate(last + 1);
    if let Some(whole) = stages.pop() {
        stages.push(Stage {
            steps: steps_until(end, &whole.steps),
            key: None,
            shared: false,
            ..whole
        });
    }
    stages
}

/// Returns the steps up to an end. A step that holds others keeps those of them that are run, and goes where none is.
fn steps_until(end: End<'_>, steps: &[PlannedStep]) -> Vec<PlannedStep> {
    let mut kept = Vec::new();
    for step in steps {
        let (at, is_last) = match end {
            End::After(last) => (last, step.id == *last),
            End::Before(first) => (first, false),
        };
        if is_last {
            kept.push(step.clone());
            return kept;
        }
        if *at == step.id {
            return kept;
        }
        if at.is_inside(&step.id) {
            let inside = steps_until(end, &step.steps);
            if !inside.is_empty() {
                kept.push(step.cut_to(inside));
            }
            return kept;
        }
        kept.push(step.clone());
    }
    kept
}

#[cfg(test)]
mod tests;
