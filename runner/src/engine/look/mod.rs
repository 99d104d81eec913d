//! Searches for needles on the screen.
//!
//! ```text
//! Frames: a fresh frame --> each frame that comes --> a fresh frame when the time is over
//!   Search: near its recorded place at once, then on the whole screen as its depth says --> the needle that matches
//! ```

mod frames;
mod plan;
mod report;
mod search;

pub(super) use frames::{Frames, LookTime};
pub(super) use report::report;
pub(super) use search::{Candidates, Depth, Search, rank, search};
