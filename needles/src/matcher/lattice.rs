use std::ops::Range;

use crate::rect::{Point, Rect};

/// The frame's blocks begin at every fourth pixel of every fourth row. A template has the blocks for all sixteen ways
/// in which it can lie on that lattice, so features are needed of a sixteenth of the frame's blocks only.
pub(crate) const LATTICE: usize = 4;

/// Lattice points in a row that are looked at together, with the places that belong to each: those from which it is
/// the first on the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The lattice row.
    pub(crate) row: usize,
    /// Lattice columns.
    pub(crate) columns: Range<usize>,
}

impl Run {
    /// Columns that cost no more to look at than to leave out.
    const GAP: usize = 8;

    /// All lattice points of these places, without those all of whose places are in the hole, which lies inside
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

    /// These lattice points, given in reading order, and some between them.
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

    /// The part of a run whose places at this offset are among those asked for.
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

/// The lattice points to which these places belong, in one direction.
fn points(from: i32, end: i64) -> Range<usize> {
    (from as usize).div_ceil(LATTICE)..(end as usize - 1).div_ceil(LATTICE) + 1
}

/// Those of the lattice points of `all` places to which none but these places belong.
fn inner_points((from, end): (i32, i64), all: (i32, i64)) -> Range<usize> {
    let points = points(all.0, all.1);
    // A point has the places from three before it on.
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

/// A lattice point, for the places of which it is the first on the template, and what their sums are not below.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    pub(crate) lower: u64,
    pub(crate) row: usize,
    pub(crate) column: usize,
}

impl Group {
    /// The first and the last of its places that are among these.
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

    /// Those of its places that are among these.
    pub(crate) fn places(self, among: Rect) -> impl Iterator<Item = Point> {
        let (first, last) = self.corners(among);
        (first.y..=last.y).flat_map(move |y| (first.x..=last.x).map(move |x| Point { x, y }))
    }
}

/// A place that could not be ruled out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceLeft {
    /// Its sum is at least this.
    pub(crate) lower: u64,
    /// Which size's blocks say so.
    pub(crate) size: usize,
    /// The first lattice point on the template.
    pub(crate) row: usize,
    pub(crate) column: usize,
    /// How far the place lies before it.
    pub(crate) offset: (usize, usize),
}

impl PlaceLeft {
    /// This place.
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

/// How far the places of a group lie before its lattice point.
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
