//! Looking for needles on the screen.
//!
//! ```text
//! Frames: a frame of now --> each frame that comes --> a frame of now, when the time is over
//!   Search: near at once, wide as its depth says --> the needle that is there
//! ```

mod frames;
mod plan;
mod report;
mod search;

pub(super) use frames::{Frames, LookTime};
pub(super) use report::report;
pub(super) use search::{Candidates, Depth, Search, rank, search};
