//! The words for the parts of an event. All reports use the same words.

mod events;
mod findings;
mod lines;
mod origins;
mod outcomes;
mod places;

pub use origins::on_machine;
pub(crate) use outcomes::step_ended;
pub use places::pixels_away;
