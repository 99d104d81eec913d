//! `--from` and `--until`: a part of one scenario, for a person who looks into it.

use scenarios::{PlannedStep, StepId};

use crate::cli::RunArgs;
use crate::engine::{Job, Until};
use crate::failure::Failure;

/// Notes in the job what the person wants, and checks that there are such steps.
///
/// # Errors
/// Several scenarios, a step that is not there, an end before the beginning.
pub(super) fn invite(args: &RunArgs, jobs: &mut [Job]) -> Result<(), Failure> {
    let option = match (&args.from, &args.until) {
        (None, None) => return Ok(()),
        (Some(_), _) => "--from",
        (None, Some(_)) => "--until",
    };
    let [job] = jobs else {
        let count = jobs.len();
        let failure = Failure::usage(format!(
            "`{option}` is about the steps of one scenario, and {count} would run"
        ));
        return Err(failure.hint(format!("name one: `qa run SCENARIO {option} STEP`")));
    };
    for step in args.from.iter().chain(&args.until) {
        find(job, step)?;
    }
    if let (Some(from), Some(until)) = (&args.from, &args.until)
        && until < from
        && !from.is_inside(until)
    {
        return Err(Failure::usage(format!(
            "`--until {until}` ends before `--from {from}` begins"
        )));
    }
    job.visit.from.clone_from(&args.from);
    if let Some(until) = &args.until {
        job.visit.part = Some(format!("up to step {until}"));
        job.visit.stays = Some(format!("step {until} is done"));
    }
    Ok(())
}

/// The step of this number in the scenario that is judged.
///
/// # Errors
/// There is none; the nearest are named.
pub(in crate::commands) fn find<'j>(job: &'j Job, id: &StepId) -> Result<&'j PlannedStep, Failure> {
    let own = || {
        let name = job.own_name();
        let stages = job.stages.iter();
        stages.filter(move |stage| stage.scenario.name == name)
    };
    let found = own().find_map(|stage| PlannedStep::find(&stage.steps, id));
    found.ok_or_else(|| {
        let mut all = Vec::new();
        own().for_each(|stage| list(&stage.steps, &mut all));
        let failure = Failure::usage(format!("`{}` has no step {id}", job.name()));
        // Numbers are in the order of the steps.
        let next = all.iter().position(|step| step.id > *id);
        let near = next.unwrap_or(all.len());
        let near = all[near.saturating_sub(2)..].iter().take(3);
        let near: Vec<String> = near
            .map(|step| format!("{} `{}`", step.id, step.written_line()))
            .collect();
        failure.hint(format!("the nearest are {}", near.join(", ")))
    })
}

fn list<'s>(steps: &'s [PlannedStep], into: &mut Vec<&'s PlannedStep>) {
    for step in steps {
        into.push(step);
        list(&step.steps, into);
    }
}

/// Leaves out what comes later. What is left of the scenario has no end that others could start from.
pub(in crate::commands) fn end(job: &mut Job, until: Until<'_>) {
    let (Until::After(id) | Until::Before(id)) = until;
    let name = job.own_name().to_owned();
    let holds = |stage: &crate::engine::Stage| {
        stage.scenario.name == name && PlannedStep::find(&stage.steps, id).is_some()
    };
    let Some(last) = job.stages.iter().position(holds) else {
        return;
    };
    job.stages.truncate(last + 1);
    let stage = &mut job.stages[last];
    stage.steps = until.cut(&stage.steps);
    stage.key = None;
    stage.shared = false;
}
