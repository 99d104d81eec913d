//! Finds needles on frames.
//!
//! ```text
//! PreparedNeedle (template) --+
//!                             +--find--> search, area by area --> Outcome --> Ranking
//! PreparedFrame  (frame)    --+
//! ```

mod block_size;
mod find;
mod frame;
mod kernel;
mod lattice;
mod outcome;
mod ranking;
mod request;
mod search;
mod settled;
mod similarity;
mod sketch;
mod template;
#[cfg(test)]
mod tests;
mod text_match;

pub use find::{Depth, find, find_if_there, find_to};
pub use frame::PreparedFrame;
pub use outcome::{AreaMatch, Outcome};
pub use ranking::{Ranking, best, passing};
pub use settled::Settled;
pub use similarity::Similarity;
pub use sketch::{FrameSketch, NeedleSketch};
pub use template::PreparedNeedle;
pub(crate) use template::paintable;
pub use text_match::{TextMatch, TextReading};
