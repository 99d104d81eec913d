//! A machine that follows a script, in this process: for tests of what drives machines.
//!
//! It has everything that a machine has: a screen, keys, a pointer, a serial console, an agent, power, a drive. All of
//! its time is tokio's, which a test can pause: minutes of a scenario then take milliseconds.
//!
//! ```text
//! Script: at the start ...     -> effects      show a picture, say a line, connect the agent,
//!         when a key, a click, -> effects      restart, switch off, panic, end, wait
//!         a line, a button ...
//!         answers to commands of the agent
//! ```

mod agent;
mod clock;
mod effect;
mod guest;
mod machine;
mod picture;
mod power;
mod request;
mod script;
mod sink;
mod task;
#[cfg(test)]
mod tests;
mod trigger;

pub(crate) use agent::ScriptedAgent;
pub use effect::Effect;
pub(crate) use machine::ScriptedMachine;
pub use picture::ScriptedPicture;
pub(crate) use power::ScriptedPower;
pub use script::{Answer, Script};
pub use trigger::Trigger;
