use std::ops::Range;

use crate::planes::LATTICE;
use crate::{Point, Rect};

/// Lattice points in a row that are looked at together, with the places that belong to each: those from which it is the first on the
/// template.
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

    /// All lattice points of these places.
    pub(crate) fn all(places: Rect) -> Vec<Self> {
        let points = |from: i32, end: i64| {
            (from as usize).div_ceil(LATTICE)..(end as usize - 1).div_ceil(LATTICE) + 1
        };
        let columns = points(places.x, places.right());
        let run = |row| Self {
            row,
            columns: columns.clone(),
        };
        points(places.y, places.bottom()).map(run).collect()
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

    /// The part of a run whose places at this offset are among those asked for, and the first of these places.
    pub(crate) fn clipped(&self, (dx, dy): (usize, usize), places: Rect) -> Option<(Self, Point)> {
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
        (start < end).then(|| {
            let run = Self {
                row: self.row,
                columns: start..end,
            };
            let x = (start * LATTICE - dx) as i32;
            (run, Point { x, y: y as i32 })
        })
    }
}

/// A lattice point, for the places of which it is the first on the template, and what their sums are not below.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    pub(crate) lower: u64,
    pub(crate) row: usize,
    pub(crate) column: usize,
}

impl Group {
    /// Those of its places that are among these.
    pub(crate) fn places(self, among: Rect) -> impl Iterator<Item = Point> {
        let run = Run {
            row: self.row,
            columns: self.column..self.column + 1,
        };
        ALIGNMENTS
            .into_iter()
            .filter_map(move |offset| Some(run.clipped(offset, among)?.1))
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
