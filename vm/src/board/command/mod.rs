//! Sources that are commands of the user: power, storage and input of a board, each a line for `/bin/sh -c`.
//!
//! A command has a time limit. It leads a process group, which ends with it: SIGTERM, and SIGKILL after 2 s.
//!
//! ```text
//! power, write, keys --> run --> Process: the group ends with its value
//! serial line, screens --> Program --^    and its last words
//! ```

mod keeper;
mod keys;
mod outcome;
mod placeholder;
mod power;
mod process;
mod program;
mod run;
mod shell;
mod tail;
mod write;

pub use keys::KeyCommand;
pub use power::PowerCommands;
pub use shell::Shell;
pub use write::WriteCommand;

pub(crate) use outcome::{last_lines, plain};
pub(crate) use process::{Ending, Process, Streams, all_ended};
pub(crate) use program::Program;
pub(crate) use run::{Ran, RunError, run, run_blocking};
pub(crate) use tail::Tail;
