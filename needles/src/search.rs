//! The least sum of squared differences of a template in a window, among those that aren't above a bound.

use crate::smooth::Plane;
use crate::template::Template;
use crate::{Point, Rect};

/// A place and how well the template fits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) place: Point,
    pub(crate) ssd: u64,
}

impl Fit {
    /// The order of fits: least sum, then least distance from the recorded place, then smaller y, then smaller x.
    fn key(&self, start: Point) -> (u64, i64, i32, i32) {
        let (dx, dy) = (
            i64::from(self.place.x - start.x),
            i64::from(self.place.y - start.y),
        );
        (self.ssd, dx * dx + dy * dy, self.place.y, self.place.x)
    }
}

/// Finds the best place in `places`, a rectangle of upper left corners, if its sum is at most `bound`.
///
/// `planes` hold the frame's levels wherever the template lies at one of the places.
pub(crate) fn search(
    template: &Template,
    planes: &[Plane],
    places: Rect,
    start: Point,
    bound: u64,
) -> Option<Fit> {
    let mut best: Option<Fit> = None;
    let mut consider = |place: Point| {
        let bound = best.map_or(bound, |best| best.ssd);
        let Some(ssd) = ssd_within(template, planes, place, bound) else {
            return;
        };
        let fit = Fit { place, ssd };
        if best.is_none_or(|best| fit.key(start) < best.key(start)) {
            best = Some(fit);
        }
    };
    // The recorded place first: most needles are there, and where they aren't it still bounds the rest.
    let is_place = i64::from(start.x) < places.right() && i64::from(start.y) < places.bottom();
    if is_place && start.x >= places.x && start.y >= places.y {
        consider(start);
    }
    for y in places.y..places.bottom() as i32 {
        for x in places.x..places.right() as i32 {
            consider(Point { x, y });
        }
    }
    best
}

/// The sum at a place, unless it is above the bound.
fn ssd_within(template: &Template, planes: &[Plane], place: Point, bound: u64) -> Option<u64> {
    let mut ssd = 0;
    for y in 0..template.height {
        for (row, plane) in template.rows(y).zip(planes) {
            ssd += row_ssd(row, plane.run(place.x, place.y + y as i32, template.width));
        }
        if ssd > bound {
            return None;
        }
    }
    Some(ssd)
}

/// A row has at most 8192 samples, so the sum stays below 2^32.
fn row_ssd(a: &[u8], b: &[u8]) -> u64 {
    let squares = a
        .iter()
        .zip(b)
        .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2));
    u64::from(squares.sum::<u32>())
}
