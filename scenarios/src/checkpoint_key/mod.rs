//! The key of a checkpoint: the parts of a step that can change the machine's state.
//!
//! ```text
//! steps and watches --with the values that are known before they run--> digest (SHA-256),
//!                                                                       and the needles that they may look for
//! ```
//!
//! Two steps have the same digest only if they behave in the same way. So titles, comments, places, paths of files and
//! the order of keys do not count. An `include`, an `each`, and a `group` without retries count as the steps inside
//! them. All parts are fed in a fixed order, with marks and lengths, so that different steps never feed the same bytes.
//!
//! Variables count by their values, not by their names; this includes secrets. If earlier steps may have set a variable
//! (by `set` or `save`), its value is not known yet. It then counts by its name and the value that it has otherwise.
//! The earlier steps decide the value, and they are in the key as well.
//!
//! The digest is the only output. A printed form would contain the values of secrets.

mod action;
mod assigned;
mod condition;
mod hasher;
mod input;
mod key_material;
mod known;
mod looking;
mod looks;
mod machine;
mod shared_beginnings;
mod step;
mod structure;
mod values;
mod watch;

pub use assigned::Assigned;
pub use key_material::KeyMaterial;
pub use looks::Looks;
pub use shared_beginnings::{Item, shared_beginnings};
