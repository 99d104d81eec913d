//! What every command knows of its call.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::{ColourChoice, Global};
use crate::failure::Failure;
use crate::project::{Project, find_project};
use crate::talk::Talk;

/// The time that threads have to end when a command is done.
const LAST_THREADS: Duration = Duration::from_millis(200);

/// What every command knows of its call.
#[derive(Debug)]
pub(crate) struct Context {
    global: Global,
}

impl Context {
    /// Makes it of what every command takes.
    pub(super) fn new(global: Global) -> Self {
        Self { global }
    }

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

    /// Says something that is not the result.
    pub(super) fn say(&self, line: &str) {
        self.talk().say(line);
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
