//! Checkpoints in the engine: finds and holds those that a run uses, and defines what is saved beside a machine.

mod checkpoints;
mod drive_changes;
mod found;
mod saved_state;

pub(crate) use checkpoints::Checkpoints;
pub(super) use drive_changes::DriveChanges;
pub(super) use drive_changes::place as drive_place;
pub(super) use found::{Found, Unusable, age_ms};
pub(super) use saved_state::SavedState;
