//! The commands, one file each. What they print on stdout is the result; talk goes to stderr.

mod apt_turn;
mod cache;
mod check;
mod columns;
mod completions;
mod doctor;
mod image;
mod list;
mod needle;
mod report;
mod resume;
mod run;
mod schema;

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use reports::ExitStatus;

use crate::cli::{Cli, ColourChoice, Command, Global};
use crate::failure::Failure;
use crate::project::{Project, find_project};
use crate::talk::Talk;
use crate::visible::{visible, visible_in_colour};

/// The time that threads have to end when a command is done.
const LAST_THREADS: Duration = Duration::from_millis(200);

/// What every command knows of its call.
#[derive(Debug)]
pub(crate) struct Context {
    global: Global,
}

impl Context {
    /// The project's folder, or this folder outside any project.
    pub(crate) fn root_or_here(&self) -> PathBuf {
        self.root().unwrap_or_else(|| PathBuf::from("."))
    }

    /// The project's folder.
    pub(crate) fn root(&self) -> Option<PathBuf> {
        match &self.global.project {
            Some(folder) => Some(folder.clone()),
            None => find_project(&std::env::current_dir().ok()?),
        }
    }

    /// Reads the project; outside any, one that has the built-in machines and nothing else.
    ///
    /// # Errors
    /// What is wrong with the project file.
    pub(crate) fn load_project(&self) -> Result<Project, Failure> {
        match self.root() {
            Some(root) => Project::load(&root),
            None => Ok(Project::none()),
        }
    }

    /// Whether talk may use colour.
    pub(crate) fn colour_on_stderr(&self) -> bool {
        self.colour(std::io::stderr().is_terminal())
    }

    /// Whether results may use colour.
    pub(crate) fn colour_on_stdout(&self) -> bool {
        self.colour(std::io::stdout().is_terminal())
    }

    fn colour(&self, terminal: bool) -> bool {
        match self.global.colour {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            ColourChoice::Auto => {
                terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        }
    }

    /// Returns whether only what gates is said.
    pub(crate) fn quiet(&self) -> bool {
        self.global.quiet
    }

    /// Returns the voice of the command.
    pub(crate) fn talk(&self) -> Talk {
        match self.global.quiet {
            true => Talk::Quiet,
            false => Talk::Aloud,
        }
    }

    /// Does what a command has to wait for.
    ///
    /// # Errors
    /// When threads cannot be started.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| Failure::error(format!("cannot start threads: {error}")))?;
        let done = runtime.block_on(work);
        // A search that nobody waits for any more may take long to end.
        runtime.shutdown_timeout(LAST_THREADS);
        Ok(done)
    }
}

/// Runs what was typed.
///
/// # Errors
/// What the person at the terminal has to know.
pub(crate) fn dispatch(cli: Cli) -> Result<ExitStatus, Failure> {
    let context = Context { global: cli.global };
    let done = match cli.command {
        Command::Run(args) => run::run(&context, args),
        Command::Resume(args) => resume::resume(&context, args),
        Command::List(args) => list::list(&context, &args),
        Command::Check(args) => check::check(&context, &args),
        Command::Doctor(args) => doctor::doctor(&context, &args),
        Command::Image(command) => image::image(&context, command),
        Command::Needle(command) => needle::needle(&context, command),
        Command::Cache(command) => cache::cache(&context, command),
        Command::Report(args) => report::report(&context, args),
        Command::Schema(args) => schema::schema(&args),
        Command::Completions(args) => completions::completions(&args),
    };
    done.map_err(|failure| failure.in_colour(context.colour_on_stderr()))
}

/// Prints a line of the result.
///
/// # Errors
/// When it cannot be written. That whoever read it has seen enough (`qa list | head -1`) is none.
fn print(line: &str) -> Result<(), Failure> {
    write_out(&visible(line))
}

/// Prints lines of the result that are painted, if `colour` says so.
///
/// # Errors
/// As [`print`].
fn print_painted(lines: &str, colour: bool) -> Result<(), Failure> {
    write_out(&visible_in_colour(lines, colour))
}

fn write_out(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::error(format!("cannot print: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a line of JSON.
///
/// # Errors
/// As [`print`].
fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print(&value.to_string())
}

/// Says something that is not the result.
fn talk(context: &Context, line: &str) {
    context.talk().say(line);
}
