use crate::rect::{Point, Rect};

/// A place and how well the template fits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) place: Point,
    pub(crate) ssd: u64,
}

/// What is asked: the best place in `places`, a rectangle of upper left corners, if its sum is at most `bound`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// The template lies inside the frame at each of these.
    pub(crate) places: Rect,
    /// The recorded place.
    pub(crate) start: Point,
    pub(crate) bound: u64,
}

/// The answer to an earlier question with the same start and at least the same bound: its places, and the best of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) places: Rect,
    pub(crate) fit: Option<Fit>,
}

impl Question {
    /// The same where columns count from this one.
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
    /// The same where columns count from this one.
    pub(crate) fn counted_from(self, left: i32) -> Self {
        let Point { x, y } = self.place;
        Self {
            place: Point { x: x - left, y },
            ..self
        }
    }
}

impl Known {
    /// The same where columns count from this one.
    pub(crate) fn counted_from(self, left: i32) -> Self {
        Self {
            places: counted_from(self.places, left),
            fit: self.fit.map(|fit| fit.counted_from(left)),
        }
    }

    /// Whether no other place can be better.
    pub(crate) fn is_exact_at(&self, start: Point) -> bool {
        self.fit
            == Some(Fit {
                place: start,
                ssd: 0,
            })
    }
}
