//! The sketch of a frame.

use super::{SIDES, STEP};
use crate::matcher::frame::{Channel, Plane};
use crate::picture::Picture;
use crate::rect::Rect;

/// The means of a frame's blocks at every lattice point.
#[derive(Debug)]
pub struct FrameSketch {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The number of lattice points in a row.
    across: usize,
    /// For each of [`SIDES`] the means, rounded down, row by row.
    means: [Vec<u8>; SIDES.len()],
}

impl FrameSketch {
    /// Sketches a picture. Takes about a millisecond.
    pub fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let whole = Rect::new(0, 0, width, height);
        let plane = Plane::of(picture, whole, Channel::Gray, &[]);
        let (across, down) = (width as usize / STEP, height as usize / STEP);
        let mut sums = Vec::with_capacity(across * down);
        for row in 0..down {
            let rows: [&[u8]; STEP] = std::array::from_fn(|y| plane.row(row * STEP + y));
            sums.extend((0..across).map(|column| {
                let part = column * STEP..(column + 1) * STEP;
                let levels = rows.iter().flat_map(|row| &row[part.clone()]);
                levels.map(|&level| u32::from(level)).sum::<u32>()
            }));
        }
        let mut means = SIDES.map(|_| Vec::new());
        for (side, means) in SIDES.iter().zip(&mut means).rev() {
            if *side > STEP {
                sums = doubled(&sums, across, side / STEP / 2);
            }
            let shift = (side * side).ilog2();
            *means = sums.iter().map(|sum| (sum >> shift) as u8).collect();
        }
        Self {
            width,
            height,
            across,
            means,
        }
    }

    /// Returns the means of so many blocks of one size, from this lattice point on to the right.
    pub(super) fn row(&self, size: usize, (x, y): (usize, usize), count: usize) -> Option<&[u8]> {
        let start = y * self.across + x;
        self.means[size].get(start..start + count)
    }
}

/// Returns the sums of blocks of twice the side. `half` is the old side in lattice points. Sums of blocks that reach
/// beyond the picture are of no use, and nothing asks for them.
fn doubled(sums: &[u32], across: usize, half: usize) -> Vec<u32> {
    let at = |index: usize| sums.get(index).copied().unwrap_or(0);
    let below = half * across;
    (0..sums.len())
        .map(|index| at(index) + at(index + half) + at(index + below) + at(index + below + half))
        .collect()
}
