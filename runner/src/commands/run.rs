//! `qa run`: makes a request of the call, plans it, and shows the plan or carries it out.

mod carry_out;
mod into_history;
mod live_page;
mod run_started;

use std::sync::Arc;

use reports::ExitStatus;
use vm::image::ImageStore;

use self::carry_out::durations;
use crate::cache::{open_checkpoints, open_images};
use crate::cli::{Format, PicturesChoice, RunArgs, Surroundings};
use crate::commands::context::Context;
use crate::commands::history::prune_after_run;
use crate::commands::print::print;
use crate::engine::Checkpoints;
use crate::failure::Failure;
use crate::host::HostCheck;
use crate::plan::{
    Among, CheckpointUse, OnLack, PlanSources, PlannedRun, Planner, RootPlaces, RunRequest, Stage,
    TreeSources, Trust, plan_tree,
};
use crate::progress::Protocol;
use crate::project::Project;
use crate::results::results_folder;
use crate::talk::Talk;
use crate::today::today;

pub(super) use self::carry_out::{Carried, Output, Purpose, Standing, carry_out};

/// Runs `qa run`.
///
/// # Errors
/// When the call, the project or a scenario has a mistake. Then nothing was started.
pub(super) fn run(context: &Context, args: RunArgs) -> Result<ExitStatus, Failure> {
    let request = args.request(surroundings())?;
    let project = context.load_project()?;
    if args.plan {
        let (planned, checkpoints) = plan(context.talk(), &project, &request, OnLack::Note)?;
        return show_plan(&request, args.format, &checkpoints, &planned);
    }
    Ok(run_project(context, &project, &args)?.exit)
}

/// Runs scenarios of a project.
///
/// # Errors
/// When the call, the project or a scenario has a mistake. Then nothing was started.
pub(super) fn run_project(
    context: &Context,
    project: &Project,
    args: &RunArgs,
) -> Result<Carried, Failure> {
    let request = args.request(surroundings())?;
    let on_lack = match &request.selection.among {
        // In a matrix, combinations that cannot start become errors that say what is missing; the others run.
        Among::Matrix(_) => OnLack::Note,
        Among::Project | Among::ResultOf { .. } => OnLack::Refuse,
    };
    let (planned, checkpoints) = plan(context.talk(), project, &request, on_lack)?;
    let output = Output {
        results: results_folder(&project.root, args.results.as_deref()),
        standing: Standing::Newest,
        format: args.format,
        pictures: pictures(args.pictures),
        purpose: Purpose::Verdicts,
    };
    let results = output.results.clone();
    let carried = context.block_on(carry_out(context, &request, planned, checkpoints, output))?;
    // A folder that the call names is not the project's.
    let is_own = args.results.is_none();
    let kept = project.file.as_ref().and_then(|file| file.results.as_ref());
    if let Some(kept) = kept.filter(|_| is_own) {
        prune_after_run(context, &results, kept);
    }
    carried
}

/// Plans a request with the existing checkpoints.
///
/// # Errors
/// When the request, the project or a scenario has a mistake.
pub(super) fn plan(
    talk: Talk,
    project: &Project,
    request: &RunRequest,
    on_lack: OnLack,
) -> Result<(PlannedRun, Arc<Checkpoints>), Failure> {
    let images = open_images()?;
    let planner = Planner::open(project, &request.selection.files(), &images, talk)?;
    plan_with(planner, talk, &images, request, on_lack)
}

/// Plans a request by a planner that has read what it needs.
///
/// # Errors
/// When the request, the project or a scenario has a mistake.
pub(super) fn plan_with(
    planner: Planner<'_>,
    talk: Talk,
    images: &ImageStore,
    request: &RunRequest,
    on_lack: OnLack,
) -> Result<(PlannedRun, Arc<Checkpoints>), Failure> {
    let cells = planner.cells(request)?;
    let checkpoints = Arc::new(checkpoints(request, talk));
    let trust = request.trust();
    let planned = planner.plan(
        &cells,
        PlanSources {
            settings: &request.vars,
            saved: &|key| match trust {
                Trust::AnyRun => checkpoints.saved_for(key),
                Trust::ThisRun => None,
            },
            identity: &|spec| spec.identity(images).ok(),
            today: today(),
            host: HostCheck::of_this_host(),
            on_lack,
        },
    )?;
    Ok((planned, checkpoints))
}

/// Opens the store of checkpoints. If it cannot be used, the run takes longer, but its verdicts are the same.
fn checkpoints(request: &RunRequest, talk: Talk) -> Checkpoints {
    let store = match request.checkpoints {
        CheckpointUse::Off => None,
        CheckpointUse::On { .. } => open_checkpoints()
            .inspect_err(|failure| {
                talk.say(&format!(
                    "every machine starts from power-on: {}",
                    failure.message()
                ));
            })
            .ok(),
    };
    Checkpoints::new(store)
}

fn show_plan(
    request: &RunRequest,
    format: Format,
    checkpoints: &Checkpoints,
    planned: &PlannedRun,
) -> Result<ExitStatus, Failure> {
    let trust = request.trust();
    let tree = plan_tree(
        &planned.jobs,
        &TreeSources {
            cached: &|stage: &Stage| match trust {
                Trust::AnyRun => checkpoints.age_and_size(stage),
                Trust::ThisRun => None,
            },
            durations: &durations(),
            places: match request.selection.among {
                Among::Matrix(_) => RootPlaces::Shown,
                Among::Project | Among::ResultOf { .. } => RootPlaces::Hidden,
            },
        },
    );
    match format {
        Format::Text => print(&tree.to_text())?,
        Format::Json => {
            let json = tree.to_json();
            print(&json.map_err(|error| Failure::error(error.to_string()))?)?;
        }
    }
    Ok(ExitStatus::Success)
}

/// Returns the way in which the terminal draws pictures; none for no pictures. A CI server may show its log as a
/// terminal would, but no pictures.
pub(super) fn pictures(choice: PicturesChoice) -> Option<Protocol> {
    match (choice, surroundings()) {
        (PicturesChoice::Auto, Surroundings::Person) => Protocol::of_environment(),
        (PicturesChoice::Auto, Surroundings::Ci) | (PicturesChoice::Never, _) => None,
        (PicturesChoice::Kitty, _) => Some(Protocol::Kitty),
        (PicturesChoice::Iterm, _) => Some(Protocol::Iterm),
        (PicturesChoice::Sixel, _) => Some(Protocol::Sixel),
    }
}

/// Returns the surroundings: a CI server, or a person.
fn surroundings() -> Surroundings {
    let is_set = |value: std::ffi::OsString| !value.is_empty() && value != "false";
    match std::env::var_os("CI").is_some_and(is_set) {
        true => Surroundings::Ci,
        false => Surroundings::Person,
    }
}
