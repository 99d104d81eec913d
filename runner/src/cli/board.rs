//! The command line of `qa board`, as it was typed.

use std::path::PathBuf;

use clap::Subcommand;

use super::format::Format;

/// `qa board ...`
#[derive(Debug, Subcommand)]
pub(crate) enum BoardCommand {
    /// List the boards of the project: who has each, and whether it was well when it was last checked
    #[command(after_help = "Examples:\n  qa board list\n  qa board list --format json")]
    List {
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Check that a board is well: run the scenario of its `health:`, and keep what came of it
    #[command(after_help = "Example:\n  qa board health mars-1")]
    Health {
        /// The board
        #[arg(value_name = "BOARD")]
        board: String,
        /// Folder for results [default: qa-results in the project]
        #[arg(long, value_name = "DIR")]
        results: Option<PathBuf>,
    },
    /// Free the places that dead runs of this host still hold; never one of a person or of a run that lives
    #[command(after_help = "Example:\n  qa board reap")]
    Reap,
}
