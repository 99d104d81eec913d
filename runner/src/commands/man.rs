//! `qa man`: writes the manual pages, one for each command.

use std::fs;

use clap::CommandFactory;
use reports::ExitStatus;

use crate::cli::{Cli, ManArgs};
use crate::failure::Failure;

/// Runs `qa man`.
///
/// # Errors
/// When a page cannot be written.
pub(super) fn man(args: &ManArgs) -> Result<ExitStatus, Failure> {
    let folder = &args.folder;
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| {
            let message = format!("cannot write manual pages to {}: {error}", folder.display());
            Failure::error(message).hint("name a folder that you may write to")
        })?;
    Ok(ExitStatus::Success)
}
