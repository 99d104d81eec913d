//! The lattice on which a frame's blocks begin, and the places that belong to its points.

use std::ops::Range;

use crate::rect::{Point, Rect};

/// The distance between the frame's blocks, in pixels: a block begins at every fourth pixel of every fourth row.
///
/// A template has its blocks in all sixteen alignments to this lattice. So the features of only one in sixteen blocks
/// of the frame are needed.
pub(crate) const LATTICE: usize = 4;

/// Lattice points in one row that are looked at together, with the places that belong to each point. A place belongs to
/// a lattice point if that is the first lattice point on the template there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The lattice row.
    pub(crate) row: usize,
    /// Lattice columns.
    pub(crate) columns: Range<usize>,
}

impl Run {
    /// A gap of so many columns is cheaper to look at than to leave out.
    const GAP: usize = 8;

    /// Returns all lattice points of these places. Leaves out points whose places all lie in `hole`, which is inside
    /// `places`.
    pub(crate) fn all(places: Rect, hole: Option<Rect>) -> Vec<Self> {
        let columns = points(places.x, places.right());
        let rows = points(places.y, places.bottom());
        let [hole_columns, hole_rows] = match hole {
            None => [0..0, 0..0],
            Some(hole) => [
                inner_points((hole.x, hole.right()), (places.x, places.right())),
                inner_points((hole.y, hole.bottom()), (places.y, places.bottom())),
            ],
        };
        rows.flat_map(|row| {
            let parts = if hole_rows.contains(&row) && !hole_columns.is_empty() {
                [
                    columns.start..hole_columns.start,
                    hole_columns.end..columns.end,
                ]
            } else {
                [columns.clone(), 0..0]
            };
            let parts = parts.into_iter().filter(|columns| !columns.is_empty());
            parts.map(move |columns| Self { row, columns })
        })
        .collect()
    }

    /// Joins lattice points, given in reading order, to runs. Runs may include some points between them.
    pub(crate) fn joined(points: impl Iterator<Item = (usize, usize)>) -> Vec<Self> {
        let mut runs: Vec<Self> = Vec::new();
        for (row, column) in points {
            match runs.last_mut() {
                Some(run) if run.row == row && column <= run.columns.end + Self::GAP => {
                    run.columns.end = run.columns.end.max(column + 1);
                }
                Some(_) | None => runs.push(Self {
                    row,
                    columns: column..column + 1,
                }),
            }
        }
        runs
    }

    /// Returns the part of the run whose places at this offset lie in `places`.
    pub(crate) fn clipped(&self, (dx, dy): (usize, usize), places: Rect) -> Option<Self> {
        let y = (self.row * LATTICE) as i64 - dy as i64;
        if y < i64::from(places.y) || y >= places.bottom() {
            return None;
        }
        let start = self
            .columns
            .start
            .max((places.x as usize + dx).div_ceil(LATTICE));
        let end = self
            .columns
            .end
            .min((places.right() as usize - 1 + dx) / LATTICE + 1);
        (start < end).then_some(Self {
            row: self.row,
            columns: start..end,
        })
    }
}

/// Returns the lattice points to which these places belong, in one dimension.
fn points(from: i32, end: i64) -> Range<usize> {
    (from as usize).div_ceil(LATTICE)..(end as usize - 1).div_ceil(LATTICE) + 1
}

/// Returns the lattice points of `all` places to which only these places belong, in one dimension.
fn inner_points((from, end): (i32, i64), all: (i32, i64)) -> Range<usize> {
    let points = points(all.0, all.1);
    // The first place of a lattice point is three before it.
    let first = if from == all.0 {
        points.start
    } else {
        (from as usize + LATTICE - 1).div_ceil(LATTICE)
    };
    let end = if end == all.1 {
        points.end
    } else {
        (end as usize - 1) / LATTICE + 1
    };
    first..end.max(first)
}

/// A lattice point with a lower bound on the sums at its places.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    pub(crate) lower: u64,
    pub(crate) row: usize,
    pub(crate) column: usize,
}

impl Group {
    /// Returns the first and the last place of the group that lie in `among`.
    pub(crate) fn corners(self, among: Rect) -> (Point, Point) {
        let (x, y) = ((self.column * LATTICE) as i32, (self.row * LATTICE) as i32);
        let reach = LATTICE as i32 - 1;
        let first = Point {
            x: (x - reach).max(among.x),
            y: (y - reach).max(among.y),
        };
        let last = Point {
            x: x.min(among.right() as i32 - 1),
            y: y.min(among.bottom() as i32 - 1),
        };
        (first, last)
    }

    /// Returns the places of the group that lie in `among`.
    pub(crate) fn places(self, among: Rect) -> impl Iterator<Item = Point> {
        let (first, last) = self.corners(among);
        (first.y..=last.y).flat_map(move |y| (first.x..=last.x).map(move |x| Point { x, y }))
    }
}

/// A place that was not ruled out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RemainingPlace {
    /// A lower bound on the sum at this place.
    pub(crate) lower: u64,
    /// The index of the block size that gave the bound.
    pub(crate) size: usize,
    /// The first lattice point on the template.
    pub(crate) row: usize,
    pub(crate) column: usize,
    /// The distance of the place from that lattice point, to the left and up.
    pub(crate) offset: (usize, usize),
}

impl RemainingPlace {
    /// Makes an entry for this place.
    pub(crate) fn at(place: Point, lower: u64, size: usize) -> Self {
        let (x, y) = (place.x as usize, place.y as usize);
        let (column, row) = (x.div_ceil(LATTICE), y.div_ceil(LATTICE));
        Self {
            lower,
            size,
            row,
            column,
            offset: (column * LATTICE - x, row * LATTICE - y),
        }
    }

    pub(crate) fn place(self) -> Point {
        let (dx, dy) = self.offset;
        Point {
            x: (self.column * LATTICE - dx) as i32,
            y: (self.row * LATTICE - dy) as i32,
        }
    }
}

/// The offsets of a group's sixteen places from its lattice point.
pub(crate) const ALIGNMENTS: [(usize, usize); LATTICE * LATTICE] = {
    let mut offsets = [(0, 0); LATTICE * LATTICE];
    let mut index = 0;
    while index < offsets.len() {
        offsets[index] = (index % LATTICE, index / LATTICE);
        index += 1;
    }
    offsets
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_place_outside_the_hole_belongs_to_a_point_and_no_point_has_none(
            x in 0_i32..20, y in 0_i32..20, width in 1_u32..30, height in 1_u32..30,
            hole in proptest::option::of((0_u32..30, 0_u32..30, 1_u32..30, 1_u32..30)),
        ) {
            let places = Rect::new(x, y, width, height);
            let hole = hole.and_then(|(dx, dy, width, height)| {
                Rect::new(x + dx as i32, y + dy as i32, width, height).intersection(&places)
            });
            let outside = |place: &Point| {
                hole.is_none_or(|hole| hole.intersection(&Rect::new(place.x, place.y, 1, 1)).is_none())
            };
            let mut found = Vec::new();
            for run in Run::all(places, hole) {
                for column in run.columns {
                    let group = Group { lower: 0, row: run.row, column };
                    let before = found.len();
                    found.extend(group.places(places));
                    prop_assert!(found[before..].iter().any(outside));
                }
            }
            let all = (y..places.bottom() as i32).flat_map(|y| (x..places.right() as i32).map(move |x| Point { x, y }));
            for place in all.filter(outside) {
                prop_assert_eq!(found.iter().filter(|found| **found == place).count(), 1);
            }
        }
    }
}
