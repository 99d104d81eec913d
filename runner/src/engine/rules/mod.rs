//! The rules of the engine, shown by whole scenarios on machines that follow a script. The clock is the test's: minutes
//! of a scenario take milliseconds.

mod chains;
mod commands;
mod every_verb;
mod evidence;
mod files;
mod hopeless;
mod input;
mod media;
mod power;
mod recorded;
mod resets;
mod rig;
mod screen;
mod serial;
mod structure;
mod tries;
mod waits;
mod watches;

use rig::{Ran, Rig, after, minutes, shown};
