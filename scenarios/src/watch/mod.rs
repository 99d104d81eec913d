//! Watches (`watch:`): conditions that must hold all the time.

mod hopeless;
mod kind;
mod ready_made;
mod rule;
mod watch;

pub use hopeless::HOPELESS;
pub use kind::{Reboots, WatchKind, segfault_pattern};
pub use rule::WatchRule;
pub use watch::{Watch, WatchedBy};
