//! `qa board`: lists boards, checks that they are well, frees what dead runs hold.

use std::path::{Path, PathBuf};

use reports::ExitStatus;
use scenarios::Machine;
use scenarios::board::{Board, Labgrid};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vm::board::labgrid::{self, OwnerState};
use vm::board::{BoardFault, holder};

use crate::board_health::BoardHealth;
use crate::cache::cache_folder;
use crate::cli::{BoardCommand, Format, RunArgs};
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::{Failure, chain};
use crate::plan::labgrid_program;
use crate::project::Project;

/// The message for a project without boards.
const NO_BOARDS: &str = "the project has no boards; `board:` of a machine in qa.yaml makes one";

/// Runs `qa board ...`.
///
/// # Errors
/// The project has a mistake, or a service of a board does not answer.
pub(super) fn board(context: &Context, command: BoardCommand) -> Result<ExitStatus, Failure> {
    let project = context.load_project()?;
    match command {
        BoardCommand::List { format } => list(context, &project, format),
        BoardCommand::Health { board, results } => {
            health(context, &project, &board, results.as_deref())
        }
        BoardCommand::Reap => reap(context, &project),
    }
}

/// Returns the boards of a project by name.
fn boards(project: &Project) -> impl Iterator<Item = (&Machine, &Board)> {
    let machines = project.file.iter().flat_map(|file| file.machines.values());
    machines.filter_map(|machine| Some((machine, machine.board.as_ref()?)))
}

/// A board as `qa board list` shows it.
struct Row {
    name: String,
    arch: &'static str,
    holder: String,
    health: Option<BoardHealth>,
}

fn list(context: &Context, project: &Project, format: Format) -> Result<ExitStatus, Failure> {
    let folder = cache_folder()?.join("qa/boards");
    let mut rows = Vec::new();
    for (machine, board) in boards(project) {
        let here = holder(&folder, &machine.name);
        let here = here.map_err(|error| Failure::error(chain(&error)))?;
        let holder = match (here, &board.labgrid) {
            (Some(run), _) => format!("run {} (process {})", run.run, run.pid),
            (None, Some(labgrid)) => place_holder(context, labgrid),
            (None, None) => "free".to_owned(),
        };
        rows.push(Row {
            name: machine.name.clone(),
            arch: machine.arch.name(),
            holder,
            health: BoardHealth::read(&folder, &machine.name),
        });
    }
    if rows.is_empty() {
        context.say(NO_BOARDS);
    }
    match format {
        Format::Json => rows.iter().try_for_each(|row| {
            print_json(&json!({
                "board": row.name,
                "arch": row.arch,
                "holder": row.holder,
                "health": row.health,
            }))
        })?,
        Format::Text => {
            let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
            for row in &rows {
                let name = &row.name;
                print(&format!(
                    "{name:width$}  {:<11}  {:<28}  {}",
                    row.arch,
                    row.holder,
                    health_text(row.health.as_ref())
                ))?;
            }
        }
    }
    Ok(ExitStatus::Success)
}

fn health_text(health: Option<&BoardHealth>) -> String {
    match health {
        None => "never checked".to_owned(),
        Some(health) => {
            let state = if health.well { "well" } else { "sick" };
            format!(
                "{state} since {}, checked {} (run {})",
                health.since, health.checked, health.run
            )
        }
    }
}

/// Returns who has a place of labgrid, for people.
fn place_holder(context: &Context, labgrid: &Labgrid) -> String {
    let holders = client_program(labgrid).and_then(|program| {
        let coordinator = labgrid.coordinator.as_deref();
        let asked = context.block_on(labgrid::holders(coordinator, &program))?;
        asked.map_err(broken)
    });
    let holders = match holders {
        Ok(holders) => holders,
        Err(failure) => return format!("unknown: {failure}"),
    };
    let name = match &labgrid.place {
        scenarios::board::Place::Named(name) => name,
        scenarios::board::Place::Tagged(_) => return "chosen by its tags".to_owned(),
    };
    match holders.iter().find(|holder| holder.place == *name) {
        Some(holder) => holder.owner.to_string(),
        None => "free".to_owned(),
    }
}

/// Returns the client program of a board's lab.
fn client_program(labgrid: &Labgrid) -> Result<PathBuf, Failure> {
    match &labgrid.program {
        Some(program) => Ok(program.into()),
        None => labgrid_program(),
    }
}

fn reap(context: &Context, project: &Project) -> Result<ExitStatus, Failure> {
    let mut seen: Vec<(Option<&str>, PathBuf)> = Vec::new();
    let mut freed = 0_u32;
    for (_, board) in boards(project) {
        let Some(labgrid) = &board.labgrid else {
            continue;
        };
        // The places of a lab are asked for once.
        let lab = (labgrid.coordinator.as_deref(), client_program(labgrid)?);
        if seen.contains(&lab) {
            continue;
        }
        let reaped = context.block_on(reaped(lab.0, &lab.1))?;
        for holder in reaped.map_err(broken)? {
            freed += 1;
            print(&format!(
                "freed {}, which the dead run {} held",
                holder.place, holder.owner
            ))?;
        }
        seen.push(lab);
    }
    if freed == 0 {
        context.say("no dead run of this host holds a place");
    }
    Ok(ExitStatus::Success)
}

/// Frees the places that dead runs of this host hold. Returns them.
async fn reaped(
    coordinator: Option<&str>,
    program: &Path,
) -> Result<Vec<labgrid::Holder>, BoardFault> {
    let mut freed = Vec::new();
    for holder in labgrid::holders(coordinator, program).await? {
        match holder.owner.state() {
            OwnerState::Dead => {
                let (place, owner) = (&holder.place, &holder.owner);
                labgrid::release_from(coordinator, program, place, owner).await?;
                freed.push(holder);
            }
            OwnerState::Alive | OwnerState::Unknown => {}
        }
    }
    Ok(freed)
}

fn broken(fault: BoardFault) -> Failure {
    let failure = Failure::error(fault.words);
    match fault.advice {
        Some(advice) => failure.hint(advice),
        None => failure,
    }
}

/// Runs the health scenario of a board and keeps what came of it.
fn health(
    context: &Context,
    project: &Project,
    name: &str,
    results: Option<&Path>,
) -> Result<ExitStatus, Failure> {
    let known = boards(project).find(|(machine, _)| machine.name == name);
    let Some((machine, board)) = known else {
        let names: Vec<&str> = boards(project)
            .map(|(machine, _)| machine.name.as_str())
            .collect();
        let failure = Failure::usage(format!("the project has no board `{name}`"));
        return Err(match scenarios::nearest(name, names.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None if names.is_empty() => failure.hint(NO_BOARDS),
            None => failure.hint(format!("the boards are {}", names.join(", "))),
        });
    };
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
    let status = super::run::run(context, args)?;
    let well = match status {
        ExitStatus::Success => true,
        ExitStatus::Failed | ExitStatus::Error => false,
        // Nothing was found out.
        ExitStatus::Usage | ExitStatus::Cancelled => return Ok(status),
    };
    let folder = cache_folder()?.join("qa/boards");
    let now = OffsetDateTime::now_utc()
        .format(&Rfc3339)
        .unwrap_or_default();
    let kept = BoardHealth::note(&folder, name, well, "health", &now);
    let kept = kept.map_err(|error| Failure::error(chain(&error)))?;
    context.say(&format!("{name}: {}", health_text(Some(&kept))));
    Ok(status)
}
