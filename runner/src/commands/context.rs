//! The options that all commands have, and what commands do with them.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::{ColourChoice, Global};
use crate::failure::Failure;
use crate::project::{Project, find_project};
use crate::talk::Talk;

/// The time that threads get to end after a command.
const LAST_THREADS: Duration = Duration::from_millis(200);

/// The options that all commands have.
#[derive(Debug)]
pub(crate) struct Context {
    global: Global,
}

impl Context {
    /// Makes the context from the options that were typed.
    pub(super) fn new(global: Global) -> Self {
        Self { global }
    }

    /// Returns the project's folder, or the current folder outside of any project.
    pub(crate) fn root_or_here(&self) -> PathBuf {
        self.root().unwrap_or_else(|| PathBuf::from("."))
    }

    /// Returns the project's folder; none outside of any project.
    pub(crate) fn root(&self) -> Option<PathBuf> {
        match &self.global.project {
            Some(folder) => Some(folder.clone()),
            None => find_project(&std::env::current_dir().ok()?),
        }
    }

    /// Reads the project. Outside of any project, it returns an empty one with the built-in machines.
    ///
    /// # Errors
    /// When the project file has errors.
    pub(crate) fn load_project(&self) -> Result<Project, Failure> {
        match self.root() {
            Some(root) => Project::load(&root),
            None => Ok(Project::none()),
        }
    }

    /// Returns true if stderr may have colour.
    pub(crate) fn colour_on_stderr(&self) -> bool {
        self.colour(std::io::stderr().is_terminal())
    }

    /// Returns true if stdout may have colour.
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

    /// Returns true if only failures and errors are printed.
    pub(crate) fn quiet(&self) -> bool {
        self.global.quiet
    }

    /// Returns the talk of the command, which may be switched off.
    pub(crate) fn talk(&self) -> Talk {
        match self.global.quiet {
            true => Talk::Quiet,
            false => Talk::Aloud,
        }
    }

    /// Prints a line on stderr, unless `--quiet` was given.
    pub(super) fn say(&self, line: &str) {
        self.talk().say(line);
    }

    /// Runs the asynchronous work of a command.
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
        // A search whose result nobody needs any more may take long to end.
        runtime.shutdown_timeout(LAST_THREADS);
        Ok(done)
    }
}
