//! `qa look`: starts an image and keeps every screen, without a scenario or a needle.

mod screens;

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use reports::{Cause, ExitStatus, Run, Verdict};
use scenarios::Source;

use crate::cache::open_images;
use crate::cli::LookArgs;
use crate::commands::context::Context;
use crate::commands::print::print;
use crate::commands::report::shown;
use crate::commands::run::{Output, Purpose, Standing, carry_out, pictures, plan_with};
use crate::failure::Failure;
use crate::millis::millis;
use crate::plan::{
    Among, CheckpointUse, Extent, LookLimits, OnLack, Part, Planner, RunRequest, ScenarioName,
    Selection,
};
use crate::project::Project;
use crate::results::results_folder;

pub(super) use screens::Screen;

/// The scenario of a look. Whatever the guest does, a look goes on.
const SCENARIO: &str =
    "title: A look\nwatch:\n  - reboots: any\nsteps:\n  - note: the machine starts\n";

/// The time of a look that nobody watches.
const MOST: Duration = Duration::from_secs(120);
/// The time without a new picture after which such a look ends.
const STILL: Duration = Duration::from_secs(30);

/// A look that has ended.
#[derive(Debug)]
pub(super) struct Looked {
    /// The screens that were kept, in their order.
    pub(super) screens: Vec<Screen>,
    /// The name of the machine that it was.
    pub(super) machine: String,
    /// The reason why the look ended before its time; none if it did not.
    pub(super) cause: Option<Cause>,
    /// The exit status of the run.
    pub(super) exit: ExitStatus,
    /// The page with all screens.
    pub(super) page: String,
}

/// Runs `qa look`.
///
/// # Errors
/// When the call has a mistake, or this host cannot start the machine.
pub(super) fn look(context: &Context, args: &LookArgs) -> Result<ExitStatus, Failure> {
    let project = context.load_project()?;
    let looked = look_at(context, &project, args)?;
    print(&told(&looked, args))?;
    Ok(match (&looked.cause, looked.exit) {
        // A look judges nothing, but a machine that starts nothing is no success.
        (Some(_), ExitStatus::Success) => ExitStatus::Failed,
        (_, exit) => exit,
    })
}

/// Looks at an image.
///
/// # Errors
/// When the call has a mistake, or this host cannot start the machine.
pub(super) fn look_at(
    context: &Context,
    project: &Project,
    args: &LookArgs,
) -> Result<Looked, Failure> {
    let request = request(args);
    let images = open_images()?;
    let source = Source::new("look.yaml", SCENARIO);
    let planner = Planner::of_source(project, source, &images, context.talk());
    let (planned, checkpoints) =
        plan_with(planner, context.talk(), &images, &request, OnLack::Refuse)?;
    let output = Output {
        results: results_folder(&project.root, args.results.as_deref()),
        standing: Standing::Aside,
        format: crate::cli::Format::Text,
        pictures: pictures(args.pictures),
        purpose: Purpose::Look,
    };
    let carried =
        context.block_on(carry_out(context, &request, planned, checkpoints, output))??;
    let folder = &carried.folder;
    Ok(Looked {
        screens: screens::of(&carried.run, folder),
        machine: machine(&carried.run),
        cause: cause(&carried.run),
        exit: carried.exit,
        page: shown(&folder.join("report.html")),
    })
}

fn request(args: &LookArgs) -> RunRequest {
    let is_watched = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let limits = match (is_watched, args.most, args.still) {
        (false, None, None) => (Some(MOST), Some(STILL)),
        (_, most, still) => (most, still),
    };
    let selection = Selection {
        scenarios: vec![ScenarioName::of_word("look")],
        among: Among::Project,
        image: Some(args.image.clone()),
        machine: args.machine.clone(),
    };
    let limits = LookLimits {
        most_ms: limits.0.map(millis),
        still_ms: limits.1.map(millis),
    };
    RunRequest {
        checkpoints: CheckpointUse::Off,
        ..RunRequest::for_person(selection, Extent::Part(Part::Look(limits)))
    }
}

fn machine(run: &Run) -> String {
    let scenarios = run.scenarios.first();
    scenarios.map_or_else(String::new, |scenario| scenario.info.machine.clone())
}

/// Returns the reason why the look ended before its time. A person who stops it is none.
fn cause(run: &Run) -> Option<Cause> {
    let scenario = run.scenarios.first()?;
    match scenario.verdict {
        Verdict::Failed | Verdict::Error | Verdict::Skipped => {
            scenario.attempts.last()?.cause.clone()
        }
        Verdict::Passed | Verdict::SoftFailed | Verdict::Flaky | Verdict::Cancelled => None,
    }
}

/// Returns the text at the end of a look: what was seen, and what to do next.
fn told(looked: &Looked, args: &LookArgs) -> String {
    let mut lines = Vec::new();
    match &looked.cause {
        Some(cause) => {
            lines.push(format!("the look ended: {}", cause.message));
            lines.extend(cause.hints.iter().map(|hint| format!("  next: {hint}")));
        }
        None if looked.screens.is_empty() => {
            lines.push("the machine showed no picture in this time".to_owned());
            lines.push(
                "  next: look longer, with `--for 5m`, or try another machine with `--machine`"
                    .to_owned(),
            );
        }
        None => {}
    }
    if let Some(last) = looked.screens.last() {
        let count = match looked.screens.len() {
            1 => "1 screen".to_owned(),
            many => format!("{many} screens"),
        };
        lines.push(format!(
            "{count} on machine {}; the last one: {} ({}x{})",
            looked.machine, last.path, last.width, last.height
        ));
        lines.push(format!("page: {}", looked.page));
        if looked.cause.is_none() {
            lines.push(next(args, last));
        }
    }
    lines.join("\n")
}

/// Returns the line with the next command.
fn next(args: &LookArgs, last: &Screen) -> String {
    let machine = args
        .machine
        .as_ref()
        .map_or_else(String::new, |name| format!(" --machine {name}"));
    match Path::new(&args.image).exists() {
        true => format!(
            "next: `qa init {}{machine}` makes a project with a scenario and a needle",
            args.image
        ),
        false => format!(
            "next: drag a rectangle on the page, or `qa needle crop {} --area X,Y,WIDTH,HEIGHT --tag NAME`",
            last.path
        ),
    }
}
