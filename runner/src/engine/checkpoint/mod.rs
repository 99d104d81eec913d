//! Checkpoints as the engine uses them: where an attempt begins, what is saved at the end of a stage, what is kept of a
//! machine on which a scenario failed.

mod checkpoints;
mod drive_changes;
mod found;
mod go_on;
mod keep;
mod memory;
mod origin;
mod save;

pub(crate) use checkpoints::Checkpoints;
pub(super) use drive_changes::place as drive_place;
pub(super) use origin::Origin;
