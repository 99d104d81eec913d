//! `qa resume`: opens the machine of a failed scenario at its failure, for a person.

use std::fs;
use std::path::{Path, PathBuf};

use reports::{Attempt, ExitStatus, Run, Scenario, Step, Verdict};

use crate::cli::{Format, ResumeArgs};
use crate::commands::context::Context;
use crate::commands::run::{Output, Purpose, Standing, carry_out, plan};
use crate::failure::Failure;
use crate::plan::{
    Among, Extent, FailedStep, OnLack, Part, RunRequest, ScenarioName, Selection, not_written_down,
};
use crate::progress::Protocol;
use crate::project::Project;
use crate::results::results_folder;

/// Runs `qa resume`.
///
/// # Errors
/// When there is no such run, when nothing failed in it, or when the scenario cannot run here any more.
pub(super) fn resume(context: &Context, args: ResumeArgs) -> Result<ExitStatus, Failure> {
    let project = context.load_project()?;
    let results = results_folder(&project.root, args.results.as_deref());
    let run = read(&run_folder(&results, &args.run)?)?;
    let request = request(&run, &args, &project)?;
    let (planned, checkpoints) = plan(context.talk(), &project, &request, OnLack::Refuse)?;
    let output = Output {
        results,
        standing: Standing::Aside,
        format: Format::Text,
        pictures: Protocol::of_environment(),
        purpose: Purpose::Verdicts,
    };
    let carried =
        context.block_on(carry_out(context, &request, planned, checkpoints, output))??;
    Ok(carried.exit)
}

/// Returns the request to run the failed scenario up to the step before the failure.
fn request(run: &Run, args: &ResumeArgs, project: &Project) -> Result<RunRequest, Failure> {
    let scenario = failed(run, args.scenario.as_deref())?;
    let failed = failed_step(run, scenario)?;
    refuse_unknown_values(run, args)?;
    let declared = |file: &scenarios::Project| file.images.contains_key(&scenario.info.image);
    let image = match &args.image {
        Some(image) => image.clone(),
        None if project.file.as_ref().is_some_and(declared) => scenario.info.image.clone(),
        None => {
            let failure = Failure::usage(format!(
                "the run was on the image `{}`, which is not an image of the project",
                scenario.info.image
            ));
            return Err(failure.hint("give its file again with --image"));
        }
    };
    let selection = Selection {
        // If a scenario of the chain failed, that scenario is run.
        scenarios: vec![source(project, scenario, &failed.stage)],
        among: match &run.matrix {
            Some(matrix) => Among::ResultOf {
                matrix: matrix.clone(),
                label: scenario.info.name.clone(),
            },
            None => Among::Project,
        },
        image: Some(image),
        machine: Some(scenario.info.machine.clone()),
    };
    // A person waits, so checkpoints are used even in CI.
    let extent = Extent::Part(Part::BeforeFailure(Box::new(failed)));
    Ok(RunRequest {
        vars: args.vars.clone(),
        ..RunRequest::for_person(selection, extent)
    })
}

/// Returns the folder of a run, which is named by its path or by its name.
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
        Some(newest) => failure.hint(format!("the newest run is `{newest}`")),
        None => failure.hint("`qa run` makes a run; --results names the folder of all runs"),
    })
}

fn read(folder: &Path) -> Result<Run, Failure> {
    let file = folder.join("events.jsonl");
    let bytes = fs::read(&file)
        .map_err(|error| Failure::usage(format!("`{}` cannot be read: {error}", file.display())))?;
    // The text of the error contains that of its source already.
    let log = reports::read_log(&bytes)
        .map_err(|error| Failure::error(format!("`{}`: {error}", file.display())))?;
    Ok(Run::of(&log.entries))
}

/// Returns the scenario to resume.
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
                "`{named}` did not fail in run {}: its verdict was {}{why}",
                run.name, scenario.verdict
            ))
        }
    };
    Err(match all.is_empty() {
        true => failure,
        false => failure.hint(format!("these failed: `{}`", names())),
    })
}

/// Refuses to resume a run if some of its `--var` are not given again. The log has no values, because a value may be a
/// secret.
fn refuse_unknown_values(run: &Run, args: &ResumeArgs) -> Result<(), Failure> {
    let mut words = run.command.iter();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--var=") {
            Some(setting) => setting,
            None if word == "--var" => words.next().map_or("", String::as_str),
            None => continue,
        };
        let name = setting.split('=').next().unwrap_or(setting);
        if !args.vars.iter().any(|given| given.name == name) {
            return Err(not_written_down(name));
        }
    }
    Ok(())
}

/// Returns the name of the failed scenario for a request: its file, if it is not a scenario of the project.
fn source(project: &Project, scenario: &Scenario, stage: &str) -> ScenarioName {
    match &project.file {
        None if stage == scenario.info.own_name() => {
            ScenarioName::File(PathBuf::from(&scenario.info.file))
        }
        None | Some(_) => ScenarioName::Name(stage.to_owned()),
    }
}

/// Returns the step at which a scenario failed, as the log has it.
fn failed_step(run: &Run, scenario: &Scenario) -> Result<FailedStep, Failure> {
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
    let Step { id, .. } = step;
    Ok(FailedStep {
        run: run.name.clone(),
        started: run.started.clone(),
        scenario: name.clone(),
        attempt: attempt.number,
        stage: stage
            .map_or(scenario.info.own_name(), |stage| stage.name.as_str())
            .to_owned(),
        step: id
            .parse()
            .map_err(|error| Failure::error(format!("the log names a step `{id}`: {error}")))?,
        verb: step.verb.clone(),
        place: step.place.clone(),
        text: step.text.clone(),
        why: attempt.cause.as_ref().map(|cause| cause.message.clone()),
    })
}
