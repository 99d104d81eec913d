//! The ranges in which a frame's features count as equal to a template's.

use crate::matcher::block_size::BlockSize;
use crate::matcher::kernel::{Kernel, SCAN_STEP};
use crate::matcher::lattice::LATTICE;

/// Number of ways in which a template can lie on the frame's lattice.
pub(super) const ALIGNMENT_COUNT: usize = LATTICE * LATTICE;

/// The ranges in which a frame's features count as equal to the template's, one entry a block.
#[derive(Clone, Debug)]
pub(crate) struct Ranges {
    /// Lower limits of the mean and of the deviation, with [`SCAN_STEP`] more bytes at the end.
    pub(crate) low: [Vec<u8>; 2],
    /// Upper limits of the mean and of the deviation. The layout is that of `low`.
    pub(crate) high: [Vec<u8>; 2],
}

impl Ranges {
    /// Computes the ranges from the sums of levels and of their squares.
    pub(super) fn of(sums: &[Vec<u32>; 2], size: BlockSize) -> Self {
        let count = sums[0].len();
        let empty = || [vec![0; count + SCAN_STEP], vec![0; count + SCAN_STEP]];
        let mut ranges = Self {
            low: empty(),
            high: empty(),
        };
        let log = size.pixels_log();
        let pixels = 1_u32 << log;
        let means = ranges.low[0].iter_mut().zip(&mut ranges.high[0]);
        for (sum, (low, high)) in sums[0].iter().zip(means) {
            // The frame's means are rounded down, so the true ones may be up to one higher.
            *low = (sum.saturating_sub(pixels) >> log) as u8;
            *high = ((sum + (pixels - 1)) >> log) as u8;
        }
        let share = 1.0 / pixels as f32;
        // The frame's deviations are rounded to the nearest and have a small error; this deviation has one, too.
        let rounding = 0.5 + 2.0 * Kernel::DEVIATION_ERROR as f32;
        // At 2^23 the last bit of a number is worth one, so the addition rounds to the nearest. The 0.5 below makes the
        // result safe in its direction.
        let rounded = |number: f32| (number + 8_388_608.0).to_bits() as u8;
        let deviations = ranges.low[1].iter_mut().zip(&mut ranges.high[1]);
        for ((sum, squares), (low, high)) in sums[0].iter().zip(&sums[1]).zip(deviations) {
            // Sums and squares are below 2^31, and signed numbers are converted faster.
            let level = *sum as i32 as f32 * share;
            let variance = *squares as i32 as f32 * share - level * level;
            let deviation = variance.max(0.0).sqrt();
            *low = rounded((deviation - rounding - 0.5).max(0.0));
            *high = rounded(deviation + rounding + 0.5);
        }
        ranges
    }

    /// Returns for each block the least low and the greatest high.
    pub(super) fn holding(all: &[Self; ALIGNMENT_COUNT]) -> Self {
        let mut holding = all[0].clone();
        for ranges in &all[1..] {
            for feature in [0, 1] {
                let lows = holding.low[feature].iter_mut().zip(&ranges.low[feature]);
                lows.for_each(|(least, low)| *least = (*least).min(*low));
                let highs = holding.high[feature].iter_mut().zip(&ranges.high[feature]);
                highs.for_each(|(greatest, high)| *greatest = (*greatest).max(*high));
            }
        }
        holding
    }
}
