//! `qa resume`: the machine of a failed scenario, where it failed, for a person to look and try.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reports::{Attempt, ExitStatus, Run, Scenario, Step, Verdict};
use scenarios::StepId;

use crate::cli::{ResumeArgs, RunArgs};
use crate::commands::run::{
    OfMatrix, Place, Ready, checkpoint_store, end, execute, find, results_folder,
};
use crate::commands::{Context, talk};
use crate::engine::{Checkpoints, Job, KeptMachines, Until};
use crate::failure::Failure;

/// Runs `qa resume`.
///
/// # Errors
/// There is no such run, nothing failed in it, or what failed cannot be run here any more.
pub(super) fn resume(context: &Context, args: ResumeArgs) -> Result<ExitStatus, Failure> {
    let project = context.load_project()?;
    let results = results_folder(&project, args.results.as_deref());
    let run = read(&run_folder(&results, &args.run)?)?;
    let scenario = failed(&run, args.scenario.as_deref())?;
    let place = FailedAt::of(&run, scenario)?;
    refuse_unknown_values(&run, &args)?;
    let declared = |images: &scenarios::Project| images.images.contains_key(&scenario.info.image);
    let image = match &args.image {
        Some(image) => Some(image.clone()),
        None if project.file.as_ref().is_some_and(declared) => Some(scenario.info.image.clone()),
        None => {
            let failure = Failure::usage(format!(
                "the run was on the image `{}`, which is none of the project",
                scenario.info.image
            ));
            return Err(failure.hint("give its file again with --image"));
        }
    };
    let run_args = RunArgs {
        // What a scenario starts after is judged here where it is what failed.
        scenarios: vec![source(&project, scenario, place.stage)],
        image,
        machine: Some(scenario.info.machine.clone()),
        vars: args.vars,
        results: args.results,
        // A person wants to be there soon, wherever this is.
        warm: true,
        no_confirm: true,
        ..RunArgs::default()
    };
    let again = run.matrix.as_deref().map(|matrix| OfMatrix {
        matrix,
        label: &scenario.info.name,
    });
    let mut ready = Ready::new(context, &run_args, again)?;
    let checkpoints = Arc::new(Checkpoints::new(checkpoint_store(context, &run_args)));
    let [job] = ready.jobs.as_mut_slice() else {
        return Err(Failure::usage("there is nothing to run"));
    };
    let id = place.step_id()?;
    place.compare(context, job, &id)?;
    job.visit.from = Some(id.clone());
    job.visit.part = Some(format!("up to before step {id}"));
    job.visit.stays = Some(place.words(&run));
    ready.give_keys(&checkpoints, run_args.is_cold());
    if let [job] = ready.jobs.as_mut_slice() {
        let kept = KeptMachines::of_run(&run.name, &run.started);
        let key = job
            .base
            .map(|base| kept.key(&base, &scenario.info.name, place.attempt.number));
        job.visit.kept = key.filter(|key| checkpoints.holds(key));
        // Its step is not reached: nothing of the scenario is run from it on.
        job.visit.from = None;
        end(job, Until::Before(&id));
    }
    context.block_on(execute(
        context,
        &run_args,
        ready,
        checkpoints,
        Place::Aside,
    ))?
}

/// The folder of a run that was named by it, or by its name.
fn run_folder(results: &Path, run: &Path) -> Result<PathBuf, Failure> {
    let has_log = |folder: &PathBuf| folder.join("events.jsonl").is_file();
    let folders = [run.to_owned(), results.join(run)];
    if let Some(folder) = folders.into_iter().find(has_log) {
        return Ok(folder);
    }
    let mut names: Vec<String> = fs::read_dir(results)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().join("events.jsonl").is_file() && !entry.path().is_symlink())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let failure = Failure::usage(format!(
        "there is no run `{}` in `{}`",
        run.display(),
        results.display()
    ));
    Err(match names.last() {
        Some(newest) => failure.hint(format!("the newest there is `{newest}`")),
        None => failure.hint("`qa run` makes one; --results tells where they are"),
    })
}

fn read(folder: &Path) -> Result<Run, Failure> {
    let file = folder.join("events.jsonl");
    let bytes = fs::read(&file)
        .map_err(|error| Failure::usage(format!("`{}` cannot be read: {error}", file.display())))?;
    // Its sentence tells its source's already, in other words.
    let log = reports::read_log(&bytes)
        .map_err(|error| Failure::error(format!("`{}`: {error}", file.display())))?;
    Ok(Run::of(&log.entries))
}

/// The scenario to resume.
fn failed<'r>(run: &'r Run, named: Option<&str>) -> Result<&'r Scenario, Failure> {
    let did_not_hold = |scenario: &&Scenario| {
        scenario
            .deciding_attempt()
            .is_some_and(Attempt::did_not_hold)
    };
    let all: Vec<&Scenario> = run.scenarios.iter().filter(did_not_hold).collect();
    let names = || {
        let names = all.iter().map(|scenario| scenario.info.name.as_str());
        names.collect::<Vec<_>>().join("`, `")
    };
    let Some(named) = named else {
        return match all.as_slice() {
            [] => Err(Failure::usage(format!(
                "no scenario of run {} failed: there is nothing to resume",
                run.name
            ))),
            [only] => Ok(only),
            _ => {
                let failure = Failure::usage(format!(
                    "{} scenarios of run {} failed",
                    all.len(),
                    run.name
                ));
                Err(failure.hint(format!("name one of `{}`", names())))
            }
        };
    };
    if let Some(scenario) = all.iter().find(|scenario| scenario.info.name == named) {
        return Ok(scenario);
    }
    let failure = match run.scenarios.iter().find(|s| s.info.name == named) {
        None => Failure::usage(format!("run {} had no scenario `{named}`", run.name)),
        Some(scenario) => {
            let why = match (scenario.verdict, scenario.why()) {
                (Verdict::Skipped | Verdict::Cancelled, Some(why)) => format!(": {why}"),
                _ => String::new(),
            };
            Failure::usage(format!(
                "`{named}` did not fail in run {}, it came out {}{why}",
                run.name, scenario.verdict
            ))
        }
    };
    Err(match all.is_empty() {
        true => failure,
        false => failure.hint(format!("there failed `{}`", names())),
    })
}

/// Values of variables are not written down: one of them may be a secret.
fn refuse_unknown_values(run: &Run, args: &ResumeArgs) -> Result<(), Failure> {
    let mut words = run.command.iter();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--var=") {
            Some(setting) => setting,
            None if word == "--var" => words.next().map_or("", String::as_str),
            None => continue,
        };
        let name = setting.split('=').next().unwrap_or(setting);
        if !args.vars.iter().any(|(given, _)| given == name) {
            let failure = Failure::usage(format!(
                "the run was told the variable `{name}`, whose value is not written down"
            ));
            return Err(failure.hint(format!("give it again: --var {name}=VALUE")));
        }
    }
    Ok(())
}

/// How the scenario that failed is named in a call: by its file, where it is none of the project.
fn source(project: &crate::project::Project, scenario: &Scenario, stage: &str) -> String {
    match &project.file {
        None if stage == scenario.info.own_name() => scenario.info.file.clone(),
        None | Some(_) => stage.to_owned(),
    }
}

/// Where a scenario failed.
struct FailedAt<'r> {
    attempt: &'r Attempt,
    /// The scenario in which the step is written.
    stage: &'r str,
    step: &'r Step,
}

impl<'r> FailedAt<'r> {
    fn of(run: &Run, scenario: &'r Scenario) -> Result<Self, Failure> {
        let name = &scenario.info.name;
        let attempt = scenario.deciding_attempt();
        let step = attempt.and_then(Attempt::decisive_step);
        let (Some(attempt), Some(step)) = (attempt, step) else {
            let why = scenario.why().unwrap_or_default();
            let failure = Failure::usage(format!("`{name}` failed before its first step: {why}"));
            let again = match &run.matrix {
                Some(matrix) => format!("qa run --matrix {matrix} {name}"),
                None => format!("qa run {name}"),
            };
            return Err(failure.hint(format!("`{again}` tries it again")));
        };
        let is_it = |entry: &reports::StageEntry| match entry {
            reports::StageEntry::Step(other) => std::ptr::eq(other.as_ref(), step),
            reports::StageEntry::Remark { .. } => false,
        };
        let stage = attempt.stages.iter();
        let stage = stage.rev().find(|stage| stage.entries.iter().any(is_it));
        Ok(Self {
            attempt,
            stage: stage.map_or(scenario.info.own_name(), |stage| stage.name.as_str()),
            step,
        })
    }

    fn step_id(&self) -> Result<StepId, Failure> {
        let id = &self.step.id;
        id.parse()
            .map_err(|error| Failure::error(format!("the log names a step `{id}`: {error}")))
    }

    /// Finds the step in the scenario as it is now, and tells where that is another one.
    fn compare(&self, context: &Context, job: &Job, id: &StepId) -> Result<(), Failure> {
        let now = find(job, id).map_err(|failure| {
            failure.hint(format!(
                "the scenario has changed since: step {id} was `{}`",
                self.step.text
            ))
        })?;
        let place = now.at().to_string();
        let verb = now.at().text().trim_end_matches(':').to_owned();
        // The folder may be told from elsewhere.
        let name = |place: &str| place.rsplit('/').next().unwrap_or(place).to_owned();
        if verb != self.step.verb || name(&place) != name(&self.step.place) {
            talk(
                context,
                &format!(
                    "the scenario has changed since: step {id} was `{}` at {}, and is `{}` at {place} now",
                    self.step.text,
                    self.step.place,
                    now.written_line()
                ),
            );
        }
        Ok(())
    }

    /// What failed here, for the person who looks.
    fn words(&self, run: &Run) -> String {
        let why = self.attempt.cause.as_ref();
        let why = why.map_or_else(String::new, |cause| format!(": {}", cause.message));
        format!(
            "in run {}, step {} `{}` of `{}` failed here{why}",
            run.name, self.step.id, self.step.text, self.stage
        )
    }
}
