//! The arguments of `qa report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `qa report`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  qa report qa-results/latest\n  \
                        qa report --against qa-results/20261124-020304\n  \
                        qa report --format github             in a job of GitHub Actions, after qa run\n  \
                        qa report --bundle login.zip --scenario gnome-login\n  \
                        qa report login.zip                   unpacks a bundle and makes its reports\n  \
                        qa report --video login.webm --scenario gnome-login\n  \
                        qa report --trace trace.json          for ui.perfetto.dev")]
pub(crate) struct ReportArgs {
    /// Folder of the run, or a bundle of a scenario [default: the newest of the project]
    pub run: Option<PathBuf>,
    /// Folder of a run to compare scenarios that did not hold with [default: the last good run of each]
    #[arg(long, value_name = "RUN")]
    pub against: Option<PathBuf>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
    #[command(flatten)]
    pub export: ExportArgs,
}

/// The files that are made of a run for others. With one of them, no report is made.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Write everything of one scenario into a zip file, for a bug tracker; values of secrets are looked for
    #[arg(long, value_name = "FILE", help_heading = "Files for others", conflicts_with_all = ["format", "against"])]
    pub bundle: Option<PathBuf>,
    /// Write the film of one scenario as a video: FILE ends in .png (animated), or in .webm or .mp4 (needs ffmpeg)
    #[arg(long, value_name = "FILE", help_heading = "Files for others", conflicts_with_all = ["format", "against"])]
    pub video: Option<PathBuf>,
    /// Write the times of the run as a trace, for ui.perfetto.dev
    #[arg(long, value_name = "FILE", help_heading = "Files for others", conflicts_with_all = ["format", "against"])]
    pub trace: Option<PathBuf>,
    /// Scenario of the bundle, the video or the trace [default: the only one; of a trace: all]
    #[arg(long, value_name = "NAME", help_heading = "Files for others")]
    pub scenario: Option<String>,
}

impl ExportArgs {
    /// Returns true if a file is wanted.
    pub(crate) fn wants_file(&self) -> bool {
        self.bundle.is_some() || self.video.is_some() || self.trace.is_some()
    }
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
