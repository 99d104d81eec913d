//! The command line of `qa history`, as it was typed.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::cache::parse_size;
use super::format::Format;

/// Arguments of `qa history`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  qa history                           all cells\n  \
                  qa history gnome-login               each run of one cell\n  \
                  qa history gnome-login@gnome+desktop --last 50\n  \
                  qa history prune --keep-days 30      remove old runs"
)]
pub(crate) struct HistoryArgs {
    /// What to do instead of showing the history
    #[command(subcommand)]
    pub command: Option<HistoryCommand>,
    /// What to show
    #[command(flatten)]
    pub show: ShowHistory,
}

/// The arguments that say what is shown.
#[derive(Debug, Args)]
pub(crate) struct ShowHistory {
    /// Cell to show run by run: scenario@image+machine, or only the scenario if it has one cell [default: all cells]
    pub cell: Option<String>,
    /// Count over the last N runs of each cell
    #[arg(long, value_name = "N", default_value = "20")]
    pub last: NonZeroU32,
    /// Folder of results [default: qa-results in the project]
    #[arg(long, value_name = "DIR")]
    pub results: Option<PathBuf>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// `qa history ...`
#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Remove old runs: their whole folders, the oldest first
    ///
    /// Without a limit in the call, those of `results` in qa.yaml count. With --keep-days and --keep-runs, a run stays
    /// if one of them keeps it. Then --max-size removes the oldest runs until the rest is small enough.
    ///
    /// These runs always stay: runs that go on, the run to which latest leads, and of each cell the last good run and
    /// the first bad run after it. Folders that are not of a run are left alone.
    #[command(after_help = "Examples:\n  qa history prune --keep-days 30\n  \
                      qa history prune --keep-days 30 --keep-runs 100 --max-size 50G\n  \
                      qa history prune --keep-runs 20 --dry-run")]
    Prune(PruneArgs),
}

/// Arguments of `qa history prune`.
#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    /// Keep the runs of the last N days
    #[arg(long, value_name = "N")]
    pub keep_days: Option<u32>,
    /// Keep the newest N runs
    #[arg(long, value_name = "N")]
    pub keep_runs: Option<u32>,
    /// Keep at most this much on disk, such as 500M or 20G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub max_size: Option<u64>,
    /// Only show what would be removed
    #[arg(long)]
    pub dry_run: bool,
    /// Folder of results [default: qa-results in the project]
    #[arg(long, value_name = "DIR")]
    pub results: Option<PathBuf>,
}
