//! The engine and the commands of `qa`.
//!
//! This is the only crate that knows all others, and the only one with flags, signals, folders and exit codes. `vm`
//! gives pixels, bytes and events. `scenarios` gives typed steps. This crate joins them, asks `needles`, and records
//! events in the types of `reports`.

mod board_findings;
mod board_health;
mod bundle;
mod cache;
mod cancel;
mod cksum;
mod cli;
mod commands;
mod deadline;
mod earlier_runs;
mod engine;
mod enter;
mod failure;
mod feed;
mod file_name;
mod files_below;
mod guest_way;
mod history;
mod host;
mod log_file;
mod millis;
mod needle_store;
mod plan;
mod progress;
mod project;
mod recipes;
mod recorder;
mod results;
mod seen_from;
mod standstill;
mod talk;
mod text_file;
mod text_reader;
mod today;
mod video;
mod visible;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

/// Returns the command line of `qa`, from which the reference in the documentation is made.
#[must_use]
pub fn command_line() -> clap::Command {
    cli::Cli::command()
}

/// Runs the whole program: reads the command line, carries it out, and returns the exit status.
pub fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print(); // If the terminal is gone, nobody can be told.
            if let Some(meant) = cli::meant_command(&error, std::env::args().skip(1)) {
                let _ = writeln!(std::io::stderr(), "\n  tip: did you mean `{meant}`?"); // As above.
            }
            let code = if error.use_stderr() {
                reports::ExitStatus::Usage.code()
            } else {
                0
            };
            return ExitCode::from(code);
        }
    };
    match commands::dispatch(cli) {
        Ok(status) => ExitCode::from(status.code()),
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "{failure}"); // As above.
            ExitCode::from(failure.exit().code())
        }
    }
}
