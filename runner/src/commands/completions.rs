//! `qa completions`: prints the completion script of a shell.

use clap::CommandFactory;
use reports::ExitStatus;

use crate::cli::{Cli, CompletionsArgs};
use crate::commands::print::print;
use crate::failure::Failure;

/// Runs `qa completions`.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn completions(args: &CompletionsArgs) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "qa", &mut script);
    print(String::from_utf8_lossy(&script).trim_end())?;
    Ok(ExitStatus::Success)
}
