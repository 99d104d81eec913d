//! `qa history`: what the cells came to, run after run.

mod ask;
mod cells;
mod named;
mod needles;
mod one_cell;
mod page;
mod prune;
mod record;
mod shown;

use reports::ExitStatus;

use crate::cli::{HistoryArgs, HistoryCommand, ShowHistory};
use crate::commands::context::Context;
use crate::failure::Failure;

pub(super) use prune::prune_after_run;

/// Runs `qa history ...`.
///
/// # Errors
/// When the results folder cannot be read, or the cell that is named is not known.
pub(super) fn history(context: &Context, args: HistoryArgs) -> Result<ExitStatus, Failure> {
    match args.command {
        Some(HistoryCommand::Prune(args)) => prune::prune(context, &args),
        None => show(context, &args.show),
    }
}

fn show(context: &Context, args: &ShowHistory) -> Result<ExitStatus, Failure> {
    let results = ask::results(context, args.results.as_deref());
    match &args.cell {
        None => cells::show(context, &results, args)?,
        Some(typed) => one_cell::show(context, &results, typed, args)?,
    }
    Ok(ExitStatus::Success)
}
