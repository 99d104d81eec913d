//! Turns checked jobs into planned stages: cuts their scenarios, and computes the checkpoint keys at the cuts.

mod checkpoint_keys;
mod cut;
mod material;

use std::sync::Arc;

use scenarios::{Date, PlannedStep};
use serde::{Deserialize, Serialize};
use vm::MachineSpec;
use vm::checkpoint::CheckpointKey;

use self::checkpoint_keys::CheckpointKeys;
use self::cut::{JobCuts, cut_shared};
use super::checked::CheckedJob;
use super::job::Stage;
use super::request::{End, Part};
use crate::needle_store::NeedleStore;

pub(crate) use checkpoint_keys::KeptMachines;
pub(super) use checkpoint_keys::NeedleFiles;
pub(crate) use cut::Saved;

/// The purpose of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SavedFor {
    /// Scenarios start from it.
    #[default]
    Scenarios,
    /// A person began at a step of one scenario. Other runs are not cut at this step.
    Inspection,
}

/// The inputs of the plan of stages, beside the jobs.
pub(super) struct StageSources<'s> {
    /// The needles.
    pub store: &'s NeedleStore,
    /// Returns the identity of a machine. Two machines have the same identity only if their guests see no difference.
    pub identity: &'s dyn Fn(&MachineSpec) -> Option<String>,
    /// The day of the run; none if the clock does not tell it.
    pub today: Option<Date>,
    /// Looks up the checkpoints that the run may start from.
    pub saved: Saved<'s>,
    /// The part of the one scenario that runs; none for all.
    pub part: Option<&'s Part>,
}

/// The stages of a job.
#[derive(Debug)]
pub(super) struct PlannedStages {
    /// The key of the machine with the image at power-on; none if something about it is unknown.
    pub base: Option<CheckpointKey>,
    /// The stages from power-on to the end of the job. Never empty.
    pub stages: Vec<Stage>,
    /// The needles that its steps and watches may look for.
    pub needles: Vec<NeedleFiles>,
}

/// Cuts jobs into stages and computes the key of every stage. If something is unknown (an image or a medium without
/// digest, a needle that cannot be read, a host without QEMU), the stage and those after it have no key and are not
/// saved.
///
/// A job that a person inspects is cut at the step where the person wants to begin, and at all checkpoints before that.
/// Any other job is cut at the last checkpoint of an earlier run from which scenarios start.
pub(super) fn stages(jobs: &[CheckedJob], sources: &StageSources<'_>) -> Vec<PlannedStages> {
    let mut keys = CheckpointKeys::new(sources.store, sources.identity, sources.today);
    let mut ways: Vec<JobCuts<'_>> = jobs
        .iter()
        .map(|job| JobCuts::whole(job, &mut keys))
        .collect();
    cut_shared(&mut ways);
    let planned = ways.into_iter().map(|mut way| {
        if let Some(part) = sources.part {
            way.cut_for_person(part, &mut keys, sources.saved);
        }
        way.cut_at_nearest(sources.part, &mut keys, sources.saved);
        let base = keys.power_on(way.job);
        PlannedStages {
            base: base.map(CheckpointKey::from_bytes),
            needles: keys.needles(&way.materials),
            stages: ended(
                pieces(&way, &mut keys),
                way.job.draft.own_name(),
                sources.part,
            ),
        }
    });
    planned.collect()
}

/// Returns the stages between the cuts of a job.
fn pieces(way: &JobCuts<'_>, keys: &mut CheckpointKeys<'_>) -> Vec<Stage> {
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

/// Leaves out the steps after the end of a part. The last stage then has no key, because no other scenario can start
/// from its end.
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

/// Returns the steps before an end. A step with inner steps keeps those of them that run, and is left out if none runs.
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
