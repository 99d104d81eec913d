//! `qa board list`: the boards of a project, who has them, and how they were last.

use std::path::Path;

use reports::ExitStatus;
use scenarios::Machine;
use scenarios::board::{Board, Labgrid, Place};
use serde_json::json;
use vm::board::{holder, labgrid};

use super::{NO_BOARDS, boards, broken, client_program};
use crate::board_health::BoardHealth;
use crate::cache::boards_folder;
use crate::cli::Format;
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::{Failure, chain};
use crate::project::Project;

/// A board as `qa board list` shows it.
struct Row {
    name: String,
    arch: &'static str,
    holder: Holder,
    health: Option<BoardHealth>,
}

/// The holder of a board.
enum Holder {
    /// Nobody has it.
    Free,
    /// A run of this host, or an owner in labgrid.
    Held(String),
    /// labgrid chooses the board by its tags, so no single board can be asked for.
    ByTags,
    /// The lab does not tell. The reason, in one line.
    Unknown(String),
}

impl Holder {
    /// Returns the text for people.
    fn text(&self) -> String {
        match self {
            Self::Free => "free".to_owned(),
            Self::Held(owner) => owner.clone(),
            Self::ByTags => "chosen by its tags".to_owned(),
            Self::Unknown(why) => format!("unknown: {why}"),
        }
    }

    /// Returns the state for programs.
    fn state(&self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Held(_) => "held",
            Self::ByTags => "by-tags",
            Self::Unknown(_) => "unknown",
        }
    }

    fn owner(&self) -> Option<&str> {
        match self {
            Self::Held(owner) => Some(owner),
            Self::Free | Self::ByTags | Self::Unknown(_) => None,
        }
    }

    fn error(&self) -> Option<&str> {
        match self {
            Self::Unknown(why) => Some(why),
            Self::Free | Self::Held(_) | Self::ByTags => None,
        }
    }
}

/// Runs `qa board list`.
///
/// # Errors
/// A lock of a board cannot be read.
pub(super) fn list(
    context: &Context,
    project: &Project,
    format: Format,
) -> Result<ExitStatus, Failure> {
    let folder = boards_folder()?;
    let mut rows = Vec::new();
    for (machine, board) in boards(project) {
        rows.push(Row {
            name: machine.name.clone(),
            arch: machine.arch.name(),
            holder: who_has(context, &folder, machine, board)?,
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
                "state": row.holder.state(),
                "holder": row.holder.owner(),
                "error": row.holder.error(),
                "health": row.health,
            }))
        })?,
        Format::Text => {
            let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
            for row in &rows {
                let (name, holder) = (&row.name, row.holder.text());
                let health = health_text(row.health.as_ref());
                print(&format!(
                    "{name:width$}  {:<11}  {holder:<28}  {health}",
                    row.arch
                ))?;
            }
        }
    }
    Ok(ExitStatus::Success)
}

/// Returns the health of a board for people.
pub(super) fn health_text(health: Option<&BoardHealth>) -> String {
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

/// Returns the holder of a board: a run of this host, or else the owner of its place.
fn who_has(
    context: &Context,
    locks: &Path,
    machine: &Machine,
    board: &Board,
) -> Result<Holder, Failure> {
    let here = holder(locks, &machine.name);
    let here = here.map_err(|error| Failure::error(chain(&error)))?;
    Ok(match (here, &board.labgrid) {
        (Some(run), _) => Holder::Held(format!("run {} (process {})", run.run, run.pid)),
        (None, Some(labgrid)) => place_holder(context, labgrid),
        (None, None) => Holder::Free,
    })
}

/// Returns the holder of a place of labgrid.
fn place_holder(context: &Context, labgrid: &Labgrid) -> Holder {
    let name = match &labgrid.place {
        Place::Named(name) => name,
        Place::Tagged(_) => return Holder::ByTags,
    };
    let holders = client_program(labgrid).and_then(|program| {
        let coordinator = labgrid.coordinator.as_deref();
        let asked = context.block_on(labgrid::holders(coordinator, &program))?;
        asked.map_err(broken)
    });
    match holders {
        Ok(holders) => match holders.iter().find(|holder| holder.place == *name) {
            Some(holder) => Holder::Held(holder.owner.to_string()),
            None => Holder::Free,
        },
        // The list has one line for each board.
        Err(failure) => {
            let words = failure.message().split_whitespace().collect::<Vec<_>>();
            Holder::Unknown(words.join(" "))
        }
    }
}
