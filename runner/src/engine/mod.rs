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
mod exclusive;
mod frame_keeper;
mod hopeless;
mod host_memory;
mod idle_firmware;
mod job;
mod journal_place;
mod keep;
mod kernel_crash;
mod look;
mod look_round;
mod machine_spec;
mod media;
mod origin;
mod panic_point;
mod run;
mod save;
mod schedule;
mod session;
mod shell_line;
mod steps;
mod stop;
mod visit;
mod wait;
mod watches;

pub(crate) use checkpoints::{Checkpoints, Trust};
pub(crate) use frame_keeper::file_name;
pub(crate) use job::{HostLack, Job, JobImage, MissingImage, Stage};
pub(crate) use keep::{KeptMachines, look_back};
pub(crate) use machine_spec::arch;
pub(crate) use media::Media;
pub(crate) use origin::SavedFor;
pub(crate) use run::{Engine, Policy, Settled};
pub(crate) use visit::{Until, Visit, is_interactive};
