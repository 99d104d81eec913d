//! `qa board health`: runs the health scenario of a board and keeps what came of it.

use std::path::Path;

use reports::ExitStatus;
use scenarios::Machine;
use scenarios::board::Board;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::list::health_text;
use super::{NO_BOARDS, boards};
use crate::board_health::{BoardHealth, Told};
use crate::cache::boards_folder;
use crate::cli::RunArgs;
use crate::commands::context::Context;
use crate::commands::run::{Carried, run_project};
use crate::failure::{Failure, chain};
use crate::project::Project;

/// Runs `qa board health NAME`.
///
/// # Errors
/// There is no such board, it has no health scenario, or that scenario cannot be run on it.
pub(super) fn health(
    context: &Context,
    project: &Project,
    name: &str,
    results: Option<&Path>,
) -> Result<ExitStatus, Failure> {
    let (machine, board) = named(project, name)?;
    let Some(health) = &board.health else {
        return Err(
            Failure::usage(format!("the board `{name}` has no `health:`")).hint(
                "write `health: { scenario: NAME, image: NAME }` under `board:`, with a short scenario and an image \
                that is known to be good",
            ),
        );
    };
    let args = RunArgs {
        scenarios: vec![health.scenario.value.clone()],
        image: health.image.as_ref().map(|image| image.value.clone()),
        machine: Some(machine.name.clone()),
        results: results.map(Path::to_owned),
        ..RunArgs::default()
    };
    let Carried { exit, run, .. } = run_project(context, project, &args)?;
    let Some(scenario) = run.scenarios.first() else {
        return Ok(exit);
    };
    let cause = scenario.cause.as_ref().map(|cause| &cause.kind);
    let well = match Told::by(scenario.verdict, cause) {
        Told::Well => true,
        Told::Sick => false,
        Told::Nothing => return Ok(exit),
    };
    let folder = boards_folder()?;
    let now = OffsetDateTime::now_utc()
        .format(&Rfc3339)
        .unwrap_or_default();
    let kept = BoardHealth::note(&folder, name, well, &run.name, &now);
    let kept = kept.map_err(|error| Failure::error(chain(&error)))?;
    context.say(&format!("{name}: {}", health_text(Some(&kept))));
    Ok(exit)
}

/// Returns the board with this name.
fn named<'p>(project: &'p Project, name: &str) -> Result<(&'p Machine, &'p Board), Failure> {
    if let Some(known) = boards(project).find(|(machine, _)| machine.name == name) {
        return Ok(known);
    }
    let names = boards(project).map(|(machine, _)| machine.name.as_str());
    let names: Vec<&str> = names.collect();
    let failure = Failure::usage(format!("the project has no board `{name}`"));
    Err(match scenarios::nearest(name, names.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => failure.hint(NO_BOARDS),
        None => failure.hint(format!("the boards are {}", names.join(", "))),
    })
}
