//! The checkpoints of a run, and what is kept in one beside the machine.

mod checkpoints;
mod drive_changes;
mod found;
mod memory;

pub(crate) use checkpoints::Checkpoints;
pub(super) use drive_changes::DriveChanges;
pub(super) use drive_changes::place as drive_place;
pub(super) use found::{Found, Unusable, age_ms};
pub(super) use memory::Memory;
