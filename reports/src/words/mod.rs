//! The words for the parts of an event, the same in every report.

mod events;
mod findings;
mod lines;
mod origins;
mod outcomes;

pub use origins::on_machine;
