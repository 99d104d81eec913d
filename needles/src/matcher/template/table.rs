//! Integral images, from which the sums over blocks are read.

use super::levels::Levels;
use crate::matcher::kernel::Kernel;
use crate::matcher::lattice::LATTICE;

/// Sums of the levels, and of their squares, above and left of each pixel ("integral images"). Has only the rows in
/// which blocks of some size begin or end.
#[derive(Debug)]
pub(super) struct Table {
    /// The side of the smallest blocks.
    finest: usize,
    stride: usize,
    /// The sums wrap around. Differences over blocks of up to 32x32 are right nevertheless.
    sums: Vec<(u32, u32)>,
}

impl Table {
    pub(super) fn of(
        levels: &Levels,
        (channel, channels): (usize, usize),
        (width, height): (usize, usize),
        finest: usize,
    ) -> Self {
        let mut sums = Vec::with_capacity(Self::numbers(width, height, finest));
        let (mut column_sums, mut column_squares) = (vec![0_u32; width], vec![0_u32; width]);
        for y in 0..=height {
            if y % finest < LATTICE {
                sums.push((0, 0));
                let columns = column_sums.iter().zip(&column_squares);
                sums.extend(columns.scan((0_u32, 0_u32), |total, (sum, squares)| {
                    *total = (total.0.wrapping_add(*sum), total.1.wrapping_add(*squares));
                    Some(*total)
                }));
            }
            if y < height {
                let place = (y * channels + channel) * width;
                let row = &levels.levels[place..place + width];
                Kernel::detect().add_columns(row, &mut column_sums, &mut column_squares);
            }
        }
        Self {
            finest,
            stride: width + 1,
            sums,
        }
    }

    /// Returns the greatest number of entries.
    pub(super) fn numbers(width: usize, height: usize, finest: usize) -> usize {
        (width + 1) * LATTICE * (height / finest + 1)
    }

    /// Returns the sums of the levels and of their squares for adjacent squares. The squares must begin in a kept row.
    pub(super) fn blocks(
        &self,
        (x, y): (usize, usize),
        side: usize,
        count: usize,
    ) -> impl Iterator<Item = (u32, u32)> {
        let corners = move |y: usize| {
            let row = y / self.finest * LATTICE + y % self.finest;
            let start = row * self.stride + x;
            self.sums[start..=start + count * side].iter().step_by(side)
        };
        let less = |a: &(u32, u32), b: &(u32, u32)| (a.0.wrapping_sub(b.0), a.1.wrapping_sub(b.1));
        let between = corners(y)
            .zip(corners(y + side))
            .map(move |(above, below)| less(below, above));
        let next = between.clone().skip(1);
        between
            .zip(next)
            .map(move |(left, right)| less(&right, &left))
    }
}
