//! `qa board`: lists boards, checks that they are well, frees what dead runs hold.

mod health;
mod list;
mod reap;

use std::path::PathBuf;

use reports::ExitStatus;
use scenarios::Machine;
use scenarios::board::{Board, Labgrid};
use vm::board::BoardFault;

use crate::cli::BoardCommand;
use crate::commands::context::Context;
use crate::failure::Failure;
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
        BoardCommand::List { format } => list::list(context, &project, format),
        BoardCommand::Health { board, results } => {
            health::health(context, &project, &board, results.as_deref())
        }
        BoardCommand::Reap => reap::reap(context, &project),
    }
}

/// Returns the boards of a project by name.
fn boards(project: &Project) -> impl Iterator<Item = (&Machine, &Board)> {
    let machines = project.file.iter().flat_map(|file| file.machines.values());
    machines.filter_map(|machine| Some((machine, machine.board.as_ref()?)))
}

/// Returns the client program of a board's lab.
fn client_program(labgrid: &Labgrid) -> Result<PathBuf, Failure> {
    match &labgrid.program {
        Some(program) => Ok(program.into()),
        None => labgrid_program(),
    }
}

fn broken(fault: BoardFault) -> Failure {
    let failure = Failure::error(fault.words);
    match fault.advice {
        Some(advice) => failure.hint(advice),
        None => failure,
    }
}
