//! `qa import`: makes a project of what another tool has.

mod needles;
mod openqa;

use reports::ExitStatus;

use super::context::Context;
use crate::cli::ImportCommand;
use crate::failure::Failure;

/// Runs `qa import`.
///
/// # Errors
/// When the folder cannot be read, or the new project cannot be written.
pub(super) fn import(context: &Context, command: ImportCommand) -> Result<ExitStatus, Failure> {
    match command {
        ImportCommand::Openqa(args) => openqa::import(context, &args),
    }
}
