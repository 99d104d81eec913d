use std::sync::Arc;

use crate::{MatchLevel, Needle, Point, Rect, Similarity, UnknownClickPoint};

/// What looking for a needle came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The needle.
    pub needle: Arc<Needle>,
    /// Whether every match area was found. Areas that must be *read* are in [`Outcome::texts`] and still open.
    pub ok: bool,
    /// The mean of `(1 - similarity)^2` over the match areas: 0 is perfect, 1 is hopeless.
    pub error: f64,
    /// The match areas in file order.
    pub areas: Vec<AreaMatch>,
}

/// Where and how well one match area was found.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaMatch {
    /// Which area of the needle, counted from 0 in file order.
    pub area: usize,
    /// Where it fits best, in pixels of the frame.
    pub place: Rect,
    /// How well.
    pub similarity: Similarity,
    /// What it needed.
    pub level: MatchLevel,
    /// Whether it was found.
    pub ok: bool,
}

impl Outcome {
    /// Where to click: the click point of this id, or without an id the last one, or without any click point the middle
    /// of the last match area. The place found counts, not the recorded one.
    ///
    /// # Errors
    /// No match area has a click point of this id.
    pub fn click_point(&self, id: Option<&str>) -> Result<Point, UnknownClickPoint> {
        let _ = id;
        todo!()
    }

    /// The score openQA logs for a failing needle: `1 - sqrt(error)`.
    pub fn score(&self) -> f64 {
        1.0 - self.error.sqrt()
    }
}
