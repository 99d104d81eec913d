//! A run in which a person inspects one scenario: finds the steps of the part that runs.

use scenarios::{PlannedStep, StepId};
use vm::checkpoint::CheckpointKey;

use super::checked::CheckedJob;
use super::draft::WholeStage;
use super::job::Inspection;
use super::request::{FailedStep, Part};
use super::stages::{KeptMachines, Saved};
use crate::failure::Failure;
use crate::talk::Talk;

/// Refuses a part if not exactly one scenario runs.
///
/// # Errors
/// There is a part, and `count` is not 1.
pub(super) fn refuse_several(part: Option<&Part>, count: usize) -> Result<(), Failure> {
    match part {
        Some(part) if count != 1 => Err(match part.option() {
            Some(option) => Failure::usage(format!(
                "`{option}` needs exactly one scenario, but {count} are selected"
            ))
            .hint(format!("name one: `qa run SCENARIO {option} STEP`")),
            None => Failure::usage("there is nothing to run"),
        }),
        Some(_) | None => Ok(()),
    }
}

/// Checks that the judged scenario has the steps of a part. Tells the user if the step at which a run failed has
/// changed since.
///
/// # Errors
/// There is no such step. The message names the nearest ones.
pub(super) fn find_steps(
    part: Option<&Part>,
    jobs: &[CheckedJob],
    talk: Talk,
) -> Result<(), Failure> {
    let (Some(part), [job]) = (part, jobs) else {
        return Ok(());
    };
    match part {
        Part::BeforeFailure(failed) => {
            let now = find(job, &failed.step).map_err(|failure| {
                failure.hint(format!(
                    "the scenario has changed since: step {} was `{}`",
                    failed.step, failed.text
                ))
            })?;
            if let Some(changed) = changed(failed, now) {
                talk.say(&changed);
            }
        }
        Part::Look(_) => {}
        Part::From(_) | Part::Until(_) | Part::Between(_) => {
            for step in part.steps() {
                find(job, step)?;
            }
        }
    }
    Ok(())
}

/// Returns the inspection of a job of which this part runs. `base` is the key of its machine at power-on.
pub(super) fn inspection(
    part: Option<&Part>,
    base: Option<CheckpointKey>,
    saved: Saved<'_>,
) -> Inspection {
    let Some(part) = part else {
        return Inspection::default();
    };
    let kept = match part {
        Part::BeforeFailure(failed) => {
            let kept = KeptMachines::of_run(&failed.run, &failed.started);
            base.map(|base| kept.key(&base, &failed.scenario, failed.attempt))
        }
        Part::From(_) | Part::Until(_) | Part::Between(_) | Part::Look(_) => None,
    };
    Inspection {
        from: part.from().cloned(),
        stays: part.stays(),
        part: part.words(),
        kept: kept.filter(|key| saved(key).is_some()),
    }
}

/// Returns the step with this number in the scenario that is judged.
fn find<'j>(job: &'j CheckedJob, id: &StepId) -> Result<&'j PlannedStep, Failure> {
    let own = || {
        let stages = job.draft.stages.iter();
        stages.filter(|stage| stage.scenario.name == job.draft.own_name())
    };
    let found = own().find_map(|stage| PlannedStep::find(&stage.steps, id));
    found.ok_or_else(|| no_step(&job.draft.name, own(), id))
}

/// Returns the failure for a step that does not exist.
fn no_step<'s>(name: &str, stages: impl Iterator<Item = &'s WholeStage>, id: &StepId) -> Failure {
    let mut all = Vec::new();
    stages.for_each(|stage| list(&stage.steps, &mut all));
    let failure = Failure::usage(format!("`{name}` has no step {id}"));
    // Numbers are in the order of the steps.
    let next = all.iter().position(|step| step.id > *id);
    let near = next.unwrap_or(all.len());
    let near = all[near.saturating_sub(2)..].iter().take(3);
    let near: Vec<String> = near
        .map(|step| format!("{} `{}`", step.id, step.written_line()))
        .collect();
    failure.hint(format!("the nearest are {}", near.join(", ")))
}

/// Adds steps and all their inner steps to a list, in order.
fn list<'s>(steps: &'s [PlannedStep], into: &mut Vec<&'s PlannedStep>) {
    for step in steps {
        into.push(step);
        list(&step.steps, into);
    }
}

/// Returns a message for the user if the step at which a run failed has changed since.
fn changed(failed: &FailedStep, now: &PlannedStep) -> Option<String> {
    let place = now.at().to_string();
    let verb = now.at().text().trim_end_matches(':');
    // Only the file name counts: the folder in the path depends on where the run was started.
    let name = |place: &str| place.rsplit('/').next().unwrap_or(place).to_owned();
    if verb == failed.verb && name(&place) == name(&failed.place) {
        return None;
    }
    Some(format!(
        "the scenario has changed since: step {} was `{}` at {}, and is `{}` at {place} now",
        failed.step,
        failed.text,
        failed.place,
        now.written_line()
    ))
}
