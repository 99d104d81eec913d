//! Searches for needles on the screen.
//!
//! ```text
//! frame --> Search: near its recorded place at once, then everywhere, as its depth says --> the needle that matches
//! ```

mod difference;
mod other_needle;
mod place;
mod plan;
mod report;
mod search;

pub(super) use difference::simple_difference;
pub(super) use other_needle::other_needle;
pub(super) use report::report;
pub(super) use search::{Candidates, Depth, Search, rank, search};
