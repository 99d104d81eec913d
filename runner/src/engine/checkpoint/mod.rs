//! Checkpoints in the engine: finds the one that an attempt starts from, saves the ends of stages, and keeps machines
//! on which a scenario failed.

mod checkpoints;
mod drive_changes;
mod found;
mod keep;
mod origin;
mod resume;
mod save;
mod saved_state;

pub(crate) use checkpoints::Checkpoints;
pub(super) use drive_changes::place as drive_place;
pub(super) use origin::Origin;
