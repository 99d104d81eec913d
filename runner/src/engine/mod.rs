//! The engine: runs the steps of scenarios on machines and records every event.
//!
//! ```text
//! Job (chain of scenarios, image, machine)
//!   -> Schedule: the order in which jobs start
//!   -> Attempt: one try, from power-on, from a checkpoint or from the machine that another scenario left
//!        -> stages, steps: one verb each, in `steps/`
//!             -> Bench: one machine of the scenario, with its evidence
//!                  -> Session: waits for frames, serial bytes, machine events, deadlines, the user
//! ```
//!
//! Invariants: every wait goes through [`session::Session`]; every failure is a [`stop::Stop`] that knows whom to
//! blame; every fact of a report is an event in the log before the next step begins.

mod attempt;
mod bench;
mod board_checks;
mod checkpoint;
mod diagnosis;
mod file_transfer;
mod look;
mod machines;
mod panic_point;
mod policy;
#[cfg(test)]
mod rules;
mod run;
mod schedule;
mod screen_frame;
mod session;
mod settled;
mod shared;
mod shell_line;
mod step_output;
mod steps;
mod stop;
mod wait;
mod watches;

pub(crate) use attempt::is_interactive;
pub(crate) use board_checks::BoardChecks;
pub(crate) use checkpoint::Checkpoints;
pub(crate) use machines::Machines;
pub(crate) use policy::Policy;
pub(crate) use settled::Settled;
pub(crate) use shared::Engine;
