//! The engine: runs the steps of scenarios on machines and writes down what happened.
//!
//! ```text
//! Job (chain of scenarios, image, machine)
//!   -> Schedule: which starts when
//!   -> Attempt: one try, from power-on, from a checkpoint or where another scenario ended
//!        -> stages, steps: one verb each, in `steps/`
//!             -> Session: waits for frames, serial bytes, machine events, deadlines, the user
//! ```
//!
//! Invariants: every wait goes through [`session::Session`]; every failure is a [`stop::Stop`] that knows whom to
//! blame; every fact of a report is an event in the log before the next step begins.

mod attempt;
mod checkpoints;
mod drive_changes;
mod evidence;
mod frame_keeper;
mod hopeless;
mod idle_firmware;
mod inspection;
mod journal_place;
mod keep;
mod kernel_crash;
mod look;
mod machines;
mod origin;
mod panic_point;
mod run;
mod save;
mod schedule;
mod session;
mod shell_line;
mod steps;
mod stop;
mod wait;
mod watch_round;
mod watches;

pub(crate) use checkpoints::Checkpoints;
pub(crate) use frame_keeper::file_name;
pub(crate) use inspection::is_interactive;
pub(crate) use machines::Machines;
pub(crate) use run::{Engine, Policy, Settled};
