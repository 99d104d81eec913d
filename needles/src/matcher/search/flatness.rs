//! Finds ground of one level on a frame.

use std::sync::Arc;

use crate::matcher::block_size::BlockSize;
use crate::matcher::frame::Planes;
use crate::matcher::lattice::LATTICE;

/// Finds the parts of a frame that have one level throughout. There are many, and on parts of the same level a template
/// has the same sum.
pub(crate) struct Flatness {
    /// The first lattice row.
    top: usize,
    stride: usize,
    rows: usize,
    /// For each cell, the number of uneven cells above and left of it, counted from row `top`. A cell is uneven if it
    /// has several levels or differs from the cell to its right or below.
    uneven: Vec<u32>,
}

impl Flatness {
    /// Prepares these lattice rows. The last few may lie beyond the frame's complete cells.
    pub(crate) fn of(planes: &[Arc<Planes>], rows: std::ops::Range<usize>) -> Self {
        let top = rows.start;
        let whole = planes.first().map_or(0, |planes| planes.cell_rows());
        let bottom = rows.end.min(whole);
        let columns = planes.first().map_or(0, |planes| planes.cell_columns());
        let stride = columns + 1;
        let mut uneven = vec![0; stride];
        uneven.reserve(stride * bottom.saturating_sub(top));
        let mut flags = vec![0_u32; columns];
        let mut above = vec![0_u32; stride];
        for row in top..bottom {
            flags.fill(0);
            for planes in planes {
                let [sums, squares] = planes.sums(BlockSize::Four, row);
                let [below, _] = planes.sums(BlockSize::Four, (row + 1).min(bottom - 1));
                let right = sums[1..].iter().chain(sums.last());
                let cells = sums.iter().zip(squares).zip(below).zip(right);
                for (flag, (((sum, squares), below), right)) in flags.iter_mut().zip(cells) {
                    // A cell has 16 levels. They are equal if the sum of their squares is as small as possible.
                    *flag |= u32::from(sum * sum != squares * 16)
                        | u32::from(sum != below)
                        | u32::from(sum != right);
                }
            }
            let mut total = 0;
            for (above, flag) in above[1..].iter_mut().zip(&flags) {
                total += flag;
                *above += total;
            }
            uneven.extend_from_slice(&above);
        }
        Self {
            top,
            stride,
            rows: bottom.saturating_sub(top),
            uneven,
        }
    }

    /// Returns true if all pixels from one corner to the other (exclusive) have the same level, as far as cells show.
    pub(crate) fn is_flat(&self, from: (usize, usize), to: (usize, usize)) -> bool {
        let (left, top) = (from.0 / LATTICE, from.1 / LATTICE - self.top);
        let (right, bottom) = (to.0.div_ceil(LATTICE), to.1.div_ceil(LATTICE) - self.top);
        if right >= self.stride || bottom > self.rows {
            return false;
        }
        let at = |x: usize, y: usize| self.uneven[y * self.stride + x];
        // Without subtraction, so that no intermediate result is negative.
        at(right, bottom) + at(left, top) == at(right, top) + at(left, bottom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matcher::frame::{Channel, Strip};
    use crate::picture::{Colour, Picture};
    use crate::rect::Rect;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_flat_window_has_one_level(
            shapes in proptest::collection::vec((0_u32..60, 0_u32..50, 1_u32..40, 1_u32..40, any::<u8>()), 0..4),
            x in 0_usize..50, y in 0_usize..40, width in 1_usize..12, height in 1_usize..12, top in 0_usize..10,
        ) {
            let screen = Rect::new(0, 0, 61, 51);
            let shapes: Vec<_> = shapes.into_iter().filter_map(|(x, y, w, h, level)| {
                let rect = Rect::new(x as i32, y as i32, w, h).intersection(&screen)?;
                Some((rect, Colour::new(level, level, level)))
            }).collect();
            let picture = Picture::from_rgb(61, 51, vec![90; 61 * 51 * 3]).unwrap().with_filled(&shapes);
            let planes = vec![Arc::new(Planes::new(&picture, Channel::Gray, Strip::whole(61)))];
            let y = y.max(top * LATTICE);
            let (right, bottom) = ((x + width).min(61), (y + height).min(51));
            let flatness = Flatness::of(&planes, top..bottom.div_ceil(LATTICE));
            let first = planes[0].smooth_row(y)[x];
            let is_flat = (y..bottom).all(|y| planes[0].smooth_row(y)[x..right].iter().all(|level| *level == first));
            if flatness.is_flat((x, y), (right, bottom)) {
                prop_assert!(is_flat);
            }
            if shapes.is_empty() && right <= 60 && bottom <= 48 {
                prop_assert!(flatness.is_flat((x, y), (right, bottom)));
            }
        }
    }
}
