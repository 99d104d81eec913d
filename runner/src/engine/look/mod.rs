//! Looking for needles on the screen.
//!
//! ```text
//! frame --> Search: near at once, wide as its depth says --> the needle that is there
//! ```

mod plan;
mod report;
mod search;

pub(super) use report::report;
pub(super) use search::{Candidates, Depth, Search, rank, search};
