//! The loops for any processor. They are written so that a compiler can vectorize them. They are compiled a second time
//! inside functions that may use AVX2.

use super::features::{Grid, SCAN_STEP, Stage, Survivor};
use super::strips::{Square, Strips};

#[inline(always)]
pub(super) fn ssd_within(strips: Strips<'_>, frame: &[&[u8]], x: usize, bound: u64) -> Option<u64> {
    let mut ssd = 0;
    for (levels, frame) in strips.beside(frame, x) {
        let squares = levels
            .iter()
            .zip(frame)
            .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2));
        // A strip has at most 8192 samples, so its sum fits.
        ssd += u64::from(squares.sum::<u32>());
        if ssd > bound {
            return None;
        }
    }
    Some(ssd)
}

#[inline(always)]
pub(super) fn square_ssd(template: Strips<'_>, square: Square, frame: &[&[u8]], x: usize) -> u64 {
    match square.side {
        4 => sided_ssd::<4>(template, square, frame, x),
        8 => sided_ssd::<8>(template, square, frame, x),
        16 => sided_ssd::<16>(template, square, frame, x),
        _ => sided_ssd::<32>(template, square, frame, x),
    }
}

#[inline(always)]
fn sided_ssd<const SIDE: usize>(
    template: Strips<'_>,
    square: Square,
    frame: &[&[u8]],
    x: usize,
) -> u64 {
    let mut ssd = 0;
    for row in 0..SIDE {
        let Some((levels, frame)) = square.row::<SIDE>(template, frame, x, row) else {
            break;
        };
        for (a, b) in levels.iter().zip(frame) {
            ssd += u32::from(a.abs_diff(*b)).pow(2);
        }
    }
    u64::from(ssd)
}

#[inline(always)]
pub(super) fn gray(rgb: &[u8], out: &mut [u8]) {
    for (pixel, level) in rgb.chunks_exact(3).zip(out) {
        let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
        *level = ((3735 * blue + 19235 * green + 9798 * red + 16384) >> 15) as u8;
    }
}

#[inline(always)]
pub(super) fn blur(rows: [&[u8]; 3], out: &mut [u8]) {
    // First the weights 1 2 1 down, then across. The parts are short enough to stay in the processor's cache.
    let mut downward = [0_u16; BLUR_PART + 2];
    for (index, out) in out.chunks_mut(BLUR_PART).enumerate() {
        let width = out.len();
        let [above, here, below] =
            rows.map(|row| &row[index * BLUR_PART..index * BLUR_PART + width + 2]);
        let downward = &mut downward[..width + 2];
        for (((sum, above), here), below) in downward.iter_mut().zip(above).zip(here).zip(below) {
            *sum = u16::from(*above) + 2 * u16::from(*here) + u16::from(*below);
        }
        let (left, middle, right) = (&downward[..width], &downward[1..=width], &downward[2..]);
        for (((level, left), middle), right) in out.iter_mut().zip(left).zip(middle).zip(right) {
            *level = ((left + 2 * middle + right + 8) >> 4) as u8;
        }
    }
}

/// Number of levels that are blurred together.
const BLUR_PART: usize = 512;

#[inline(always)]
pub(super) fn cells(rows: [&[u8]; 4], sums: &mut [u32], squares: &mut [u32]) {
    for (x, (sum, square)) in sums.iter_mut().zip(squares).enumerate() {
        let levels = rows.iter().flat_map(|row| &row[x * 4..x * 4 + 4]);
        let levels = levels.map(|level| u32::from(*level));
        (*sum, *square) = levels.fold((0, 0), |(sum, square), level| {
            (sum + level, square + level * level)
        });
    }
}

#[inline(always)]
pub(super) fn add_fours(above: &[u32], below: &[u32], step: usize, out: &mut [u32]) {
    let above = above.iter().zip(&above[step..]);
    let below = below.iter().zip(&below[step..]);
    for (sum, ((a, b), (c, d))) in out.iter_mut().zip(above.zip(below)) {
        *sum = a + b + c + d;
    }
}

#[inline(always)]
pub(super) fn squares_outside(grid: Grid<'_>) -> u64 {
    let row = |row: usize| {
        let blocks = row * grid.across..(row + 1) * grid.across;
        let (low, high) = (&grid.low[blocks.clone()], &grid.high[blocks]);
        let levels = &grid.frame[row * grid.stride..row * grid.stride + grid.across];
        let sums = levels
            .iter()
            .zip(low)
            .zip(high)
            .map(|((level, low), high)| {
                let away = level.saturating_sub(*high) | low.saturating_sub(*level);
                u32::from(away).pow(2)
            });
        u64::from(sums.sum::<u32>())
    };
    (0..grid.rows).map(row).sum()
}

#[inline(always)]
pub(super) fn add_columns(levels: &[u8], sums: &mut [u32], squares: &mut [u32]) {
    for ((level, sum), square) in levels.iter().zip(sums).zip(squares) {
        let level = u16::from(*level);
        *sum = sum.wrapping_add(u32::from(level));
        *square = square.wrapping_add(u32::from(level * level));
    }
}

#[inline(always)]
pub(super) fn features(
    sums: &[u32],
    squares: &[u32],
    log: u32,
    means: &mut [u8],
    deviations: &mut [u8],
) {
    let share = 1.0 / (1_u32 << log) as f32;
    let sums = sums.iter().zip(squares);
    let features = means.iter_mut().zip(deviations);
    for ((sum, square), (mean, deviation)) in sums.zip(features) {
        *mean = (sum >> log) as u8;
        // Sums and squares are below 2^31, and signed numbers are converted faster.
        let level = *sum as i32 as f32 * share;
        let variance = *square as i32 as f32 * share - level * level;
        // At 2^23 the last bit of a number is worth one, so the addition rounds to the nearest.
        *deviation = (variance.max(0.0).sqrt() + 8_388_608.0).to_bits() as u8;
    }
}

#[inline(always)]
pub(super) fn scan(stages: &[Stage<'_>], count: usize, out: &mut Vec<Survivor>) {
    for start in (0..count).step_by(SCAN_STEP) {
        let mut left: [bool; SCAN_STEP] = std::array::from_fn(|lane| start + lane < count);
        let mut found = None;
        for (index, stage) in stages.iter().enumerate() {
            let count = left.iter().filter(|left| **left).count();
            if index > 0 && count < stage.worth as usize {
                break;
            }
            let mut sums = [0_u16; SCAN_STEP];
            for block in stage.blocks {
                let from = stage.x + block.x as usize + start;
                let levels = &stage.rows[block.row as usize][from..from + SCAN_STEP];
                for (sum, level) in sums.iter_mut().zip(levels) {
                    let away = u16::from(
                        level.saturating_sub(block.high) | block.low.saturating_sub(*level),
                    );
                    *sum = sum.saturating_add((away * away) >> stage.shift);
                }
            }
            for (left, sum) in left.iter_mut().zip(&sums) {
                *left &= *sum <= stage.threshold;
            }
            found = Some((index, sums));
            if !left.contains(&true) {
                break;
            }
        }
        let Some((stage, sums)) = found else { return };
        let kept = left
            .iter()
            .zip(&sums)
            .enumerate()
            .filter(|(_, (left, _))| **left);
        out.extend(kept.map(|(lane, (_, &sum))| Survivor {
            column: (start + lane) as u32,
            stage: stage as u32,
            sum,
        }));
    }
}
