//! The arguments of `qa report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `qa report`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  qa report qa-results/latest\n  \
                        qa report --format github             in a job of GitHub Actions, after qa run")]
pub(crate) struct ReportArgs {
    /// Folder of the run [default: the newest of the project]
    pub run: Option<PathBuf>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
}

/// The output formats of the result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// Annotations of GitHub Actions, and the summary of the job in $GITHUB_STEP_SUMMARY
    Github,
    /// The summary for the log of a GitLab job, with a section for each scenario that did not hold
    Gitlab,
    /// One JSON document, for programs
    Json,
    /// The Test Anything Protocol (TAP), version 14
    Tap,
}
