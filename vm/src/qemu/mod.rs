//! QEMU: the backend whose machines are QEMU processes.
//!
//! ```text
//! machine ---- process (the program, its start and end), command_line, firmware, files of the run
//!    |-------- qmp: the control connection; power, processors, screen, input, agent speak through it
//!    |-------- pulse: proof that the machine runs
//!    '-------- checkpoint: the cache of saved machines
//! ```

mod agent;
mod capabilities;
pub mod checkpoint;
pub mod command_line;
mod facts;
pub mod firmware;
pub(crate) mod fuzz_target;
mod input;
mod machine;
mod power;
pub mod process;
mod processors;
mod pulse;
pub mod qmp;
pub(crate) mod screen;
mod starvation;

pub(crate) use agent::GuestAgent;
pub use facts::QemuFacts;
pub(crate) use input::KEYBOARD;
pub(crate) use machine::QemuMachine;
pub use machine::{LaunchError, Offers, SavedMachine, Saving, VariableStore, clear_killed};
pub(crate) use power::QemuPower;
pub(crate) use processors::QemuProcessors;
pub(crate) use pulse::Pulse;
pub(crate) use starvation::starvation;
