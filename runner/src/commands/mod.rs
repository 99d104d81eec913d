//! The commands, one file each. Results go to stdout, all other lines to stderr.

mod apt_turn;
mod board;
mod cache;
mod check;
mod columns;
mod completions;
mod context;
mod doctor;
mod history;
mod image;
mod import;
mod init;
mod list;
mod look;
mod man;
mod needle;
mod print;
mod report;
mod resume;
mod run;
mod schema;

use reports::ExitStatus;

use crate::cli::{Cli, Command};
use crate::failure::Failure;

use context::Context;

/// Runs a command.
///
/// # Errors
/// When the command fails: a message for the person at the terminal.
pub(crate) fn dispatch(cli: Cli) -> Result<ExitStatus, Failure> {
    let context = Context::new(cli.global);
    let done = match cli.command {
        Command::Run(args) => run::run(&context, args),
        Command::Look(args) => look::look(&context, &args),
        Command::Init(args) => init::init(&context, &args),
        Command::Resume(args) => resume::resume(&context, args),
        Command::List(args) => list::list(&context, &args),
        Command::Check(args) => check::check(&context, &args),
        Command::Doctor(args) => doctor::doctor(&context, &args),
        Command::Image(command) => image::image(&context, command),
        Command::Needle(command) => needle::needle(&context, command),
        Command::Board(command) => board::board(&context, command),
        Command::Cache(command) => cache::cache(&context, command),
        Command::Report(args) => report::report(&context, args),
        Command::History(args) => history::history(&context, args),
        Command::Import(command) => import::import(&context, command),
        Command::Schema(args) => schema::schema(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => man::man(&args),
    };
    done.map_err(|failure| failure.in_colour(context.colour_on_stderr()))
}
