//! Tells how a screen differs from the needle that is nearest to it, if one simple thing explains it.

mod moved;
mod recoloured;
mod regions;

use crate::matcher::{Outcome, PreparedFrame};
use crate::picture::Picture;
use crate::rect::Rect;

/// One simple thing that explains why a needle does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// All areas are on the screen, but one is farther from its place than it may be.
    Moved {
        /// The number of the area in the needle file, counted from 0.
        area: usize,
        /// Pixels to the right; negative to the left.
        right: i32,
        /// Pixels down; negative up.
        down: i32,
    },
    /// The screen is as the needle's picture, except in this rectangle, which has an area of the needle in it:
    /// something is in front, or something is missing.
    OnlyIn(Rect),
    /// Each area that does not match has the shapes of the needle in other colours.
    Recoloured {
        /// True if the screen is darker there.
        darker: bool,
    },
}

/// Returns the simple difference between a needle that did not match and a frame; none if there is no simple one.
/// `picture` is the needle's whole picture. Takes some tens of milliseconds.
pub fn difference(
    outcome: &Outcome,
    picture: &Picture,
    frame: &PreparedFrame,
) -> Option<Difference> {
    if outcome.ok || outcome.areas.iter().all(|area| area.ok) {
        // Its areas match: a text decided.
        return None;
    }
    moved::moved(outcome, picture, frame)
        .or_else(|| regions::only_in(outcome, picture, frame.picture()))
        .or_else(|| recoloured::recoloured(outcome, picture, frame.picture()))
}

#[cfg(test)]
mod tests;
