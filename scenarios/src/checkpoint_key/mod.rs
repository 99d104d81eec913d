//! What of a step can change what happens: material for the key of a checkpoint.
//!
//! ```text
//! steps and watches --with the values that are known before they run--> digest (SHA-256),
//!                                                                       and the needles they may look at
//! ```
//!
//! Two steps have one digest when nothing that they do, or that holds or does not hold because of them, can differ. So
//! titles, comments, places, paths of files and the order of keys are left out; a `group` that is tried once, an
//! `include` and an `each` are no more than the steps inside them. Everything is fed in a fixed order with marks and
//! lengths, so that no two different steps feed the same bytes.
//!
//! Variables count with their values, secrets too, and not by their names. A variable that steps may have set before
//! (by `set` or `save`) has a value that is not known yet: it counts by its name and the value it has otherwise. Which
//! one it is when the step runs is decided by the steps before, which are in the key as well.
//!
//! The digest is the only way out: there is no text to print, because values of secrets would be in it.

mod action;
mod assigned;
mod condition;
mod hasher;
mod key_material;
mod known;
mod looks;
mod media;
mod shared_beginnings;
mod step;
mod values;
mod watch;

pub use assigned::Assigned;
pub use key_material::KeyMaterial;
pub use looks::Looks;
pub use shared_beginnings::{Item, shared_beginnings};
