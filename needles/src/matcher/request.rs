//! A search for one area, and its answer.

use crate::rect::{Point, Rect};

/// A place and the sum of squared differences there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) place: Point,
    pub(crate) ssd: u64,
}

/// A search request: the best place in `places`, if its sum is at most `bound`. `places` is a rectangle of upper left
/// corners.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchRequest {
    /// The template lies inside the frame at each of these places.
    pub(crate) places: Rect,
    /// The recorded place.
    pub(crate) start: Point,
    pub(crate) bound: u64,
}

/// The answer to an earlier request with the same start and at least the same bound: its places and the best of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownAnswer {
    pub(crate) places: Rect,
    pub(crate) fit: Option<Fit>,
}

impl SearchRequest {
    /// Returns the same request with columns counted from `left`.
    pub(crate) fn counted_from(self, left: i32) -> Self {
        Self {
            places: counted_from(self.places, left),
            start: Point {
                x: self.start.x - left,
                ..self.start
            },
            ..self
        }
    }
}

fn counted_from(rect: Rect, left: i32) -> Rect {
    Rect {
        x: rect.x - left,
        ..rect
    }
}

impl Fit {
    /// Returns the same fit with columns counted from `left`.
    pub(crate) fn counted_from(self, left: i32) -> Self {
        let Point { x, y } = self.place;
        Self {
            place: Point { x: x - left, y },
            ..self
        }
    }
}

impl KnownAnswer {
    /// Returns the same answer with columns counted from `left`.
    pub(crate) fn counted_from(self, left: i32) -> Self {
        Self {
            places: counted_from(self.places, left),
            fit: self.fit.map(|fit| fit.counted_from(left)),
        }
    }

    /// Returns true if no other place can be better.
    pub(crate) fn is_exact_at(&self, start: Point) -> bool {
        self.fit
            == Some(Fit {
                place: start,
                ssd: 0,
            })
    }
}
