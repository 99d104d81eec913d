//! The command line of `qa`, as it was typed. Nothing here touches the outside world.

mod board;
mod cache;
mod format;
mod history;
mod import;
mod init;
mod look;
mod meant;
mod needle;
mod pictures;
mod report;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use board::BoardCommand;
pub(crate) use cache::{CacheCommand, parse_size};
pub(crate) use format::Format;
pub(crate) use history::{HistoryArgs, HistoryCommand, PruneArgs, ShowHistory};
pub(crate) use import::{ImportCommand, OpenqaArgs};
pub(crate) use init::{CiServer, InitArgs};
pub(crate) use look::LookArgs;
pub(crate) use meant::meant_command;
pub(crate) use needle::NeedleCommand;
pub(crate) use pictures::PicturesChoice;
pub(crate) use report::{ExportArgs, ReportArgs, ReportFormat};
pub(crate) use run::{ResumeArgs, RunArgs, Surroundings};
use vm::Arch;

/// Tests operating-system images the way a person would: boots them, looks at the screen, types, clicks, and says with
/// evidence whether they work.
#[derive(Debug, Parser)]
#[command(
    name = "qa",
    bin_name = "qa",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  qa run gnome-login             run a scenario of this project\n  \
                  qa check                       find mistakes before a machine boots\n  \
                  qa doctor                      what this host has and lacks\n\n\
                  Exit status: 0 no scenario failed and nothing broke, 1 a scenario failed,\n\
                  2 the call or a file is wrong, 3 the harness or the host broke, 130 stopped by the user."
)]
pub(crate) struct Cli {
    /// The command
    #[command(subcommand)]
    pub command: Command,
    /// The options of every command
    #[command(flatten)]
    pub global: Global,
}

/// The options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Folder of the project, with its qa.yaml [default: this folder or the nearest one above that has a qa.yaml]
    #[arg(long, global = true, value_name = "DIR", env = "QA_PROJECT")]
    pub project: Option<PathBuf>,
    /// Print only failures and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Use colour
    #[arg(
        long,
        alias = "color",
        global = true,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub colour: ColourChoice,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourChoice {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenarios and judge them
    Run(RunArgs),
    /// Start an image and keep every screen, to see what it shows before there is a scenario
    Look(LookArgs),
    /// Make a project for an image: a scenario and a needle of what it shows
    Init(InitArgs),
    /// Open the machine of a failed scenario at the failure, to look and try
    Resume(ResumeArgs),
    /// List scenarios, images, machines and matrices
    List(ListArgs),
    /// Find mistakes in scenarios, needles and the project file
    Check(CheckArgs),
    /// Show what this host has and lacks, and how to install it
    Doctor(DoctorArgs),
    /// Build and list the reference images
    #[command(subcommand)]
    Image(ImageCommand),
    /// Work with needles
    #[command(subcommand)]
    Needle(NeedleCommand),
    /// List boards, check that they are well, free what dead runs hold
    #[command(subcommand)]
    Board(BoardCommand),
    /// List, prune and verify the checkpoints that runs start from
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Make every report of a run again from its event log
    Report(ReportArgs),
    /// Show the results of each cell, run after run: pass rate, flakiness, times, needles that drift
    History(HistoryArgs),
    /// Make a project of what another tool has
    #[command(subcommand)]
    Import(ImportCommand),
    /// Print the JSON Schema of scenarios or of the project file
    Schema(SchemaArgs),
    /// Print the completion script of a shell
    Completions(CompletionsArgs),
    /// Write the manual pages of qa and of its commands
    #[command(hide = true)]
    Man(ManArgs),
}

/// Arguments of `qa list`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  qa list --format json\n  \
                        qa list --matrix nightly             the combinations of a matrix")]
pub(crate) struct ListArgs {
    /// List the combinations of this matrix
    #[arg(long, value_name = "NAME")]
    pub matrix: Option<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// Arguments of `qa check`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  qa check\n  qa check --all   each needle that nothing uses, too"
)]
pub(crate) struct CheckArgs {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// Show every finding about needles, however many there are
    #[arg(long)]
    pub all: bool,
}

/// Arguments of `qa doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  qa doctor\n  qa doctor --install\n  \
                        qa doctor --install --arch aarch64   also for Arm machines and images")]
pub(crate) struct DoctorArgs {
    /// Install what is missing
    #[arg(long)]
    pub install: bool,
    /// Also look for what machines and images of this architecture need; may be given several times
    #[arg(long, value_name = "ARCH")]
    pub arch: Vec<Arch>,
    /// Also look for what machines with a TPM need
    #[arg(long)]
    pub tpm: bool,
    /// Also look for what boards of a labgrid lab need
    #[arg(long)]
    pub boards: bool,
    /// Output format
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        conflicts_with = "install"
    )]
    pub format: Format,
}

/// `qa image ...`
#[derive(Debug, Subcommand)]
pub(crate) enum ImageCommand {
    /// Build a reference image, unless it is built already
    #[command(
        after_help = "Examples:\n  qa image build gnome\n  qa image build --force gnome console"
    )]
    Build {
        /// Build it again, with the newest packages, even if its recipe has not changed
        #[arg(long)]
        force: bool,
        /// Names of the images
        #[arg(required = true, value_name = "IMAGE")]
        names: Vec<String>,
    },
    /// List the images of the project, and if they are built
    #[command(after_help = "Example:\n  qa image list")]
    List {
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Compare built images with the digests from their build
    #[command(after_help = "Example:\n  qa image verify")]
    Verify,
}

/// Arguments of `qa schema`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  qa schema scenario > scenario.schema.json\n  \
                        # then, in a scenario: # yaml-language-server: $schema=scenario.schema.json"
)]
pub(crate) struct SchemaArgs {
    /// Which schema
    #[arg(default_value = "scenario")]
    pub of: SchemaOf,
}

/// Which schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Of a scenario file
    Scenario,
    /// Of qa.yaml
    Project,
    /// Of a line of events.jsonl, the event log of a run
    Log,
}

/// Arguments of `qa completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  qa completions bash > ~/.local/share/bash-completion/completions/qa"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Arguments of `qa man`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  qa man ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// The folder that they are written to; it is made if it is not there
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn visit(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands() {
                let path = format!("{path} {}", sub.get_name());
                if sub.has_subcommands() {
                    visit(sub, &path);
                } else if sub.get_name() != "help" {
                    let help = sub.clone().render_long_help().to_string();
                    assert!(help.contains("Example"), "{path} shows no example");
                }
            }
        }
        visit(&Cli::command(), "qa");
    }
}
