//! The command line of `qa import`, as it was typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::format::Format;

/// `qa import ...`
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Make a project of a test distribution of openQA
    ///
    /// Needles are copied as they are. Test modules become scenarios; what cannot be told becomes a comment in its
    /// place, with file and line. Schedules, job groups, machines and vars.json become qa.yaml. IMPORT.md in the new
    /// project says in numbers what came over, and names the rest by line. Nothing in DIR is changed.
    #[command(
        after_help = "Examples:\n  qa import openqa os-autoinst-distri-example --into example\n  \
                      qa import openqa distri --needles needles-repository --into example"
    )]
    Openqa(OpenqaArgs),
}

/// Arguments of `qa import openqa`.
#[derive(Debug, Args)]
pub(crate) struct OpenqaArgs {
    /// Folder of the test distribution, with main.pm, tests/ and lib/
    pub dir: PathBuf,
    /// Folder of the new project
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub into: PathBuf,
    /// Folder of needles, if they are in a repository of their own [default: those below the distribution]
    #[arg(long, value_name = "DIR")]
    pub needles: Option<PathBuf>,
    /// Leave the needles where they are; qa.yaml names their folder
    #[arg(long)]
    pub keep_needles: bool,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}
