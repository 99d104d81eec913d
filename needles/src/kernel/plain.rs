//! The loops for any processor. They are written so that a compiler can vectorize them, and are compiled a second time
//! inside functions that may use AVX2.

use super::{Block, SCAN_STEP, Survivor};

#[inline(always)]
pub(super) fn ssd(a: &[u8], b: &[u8]) -> u32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2))
        .sum()
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
    let width = out.len();
    let [above, here, below] = rows.map(|row| &row[..width + 2]);
    let column = |x: usize| u16::from(above[x]) + 2 * u16::from(here[x]) + u16::from(below[x]);
    for (x, level) in out.iter_mut().enumerate() {
        *level = ((column(x) + 2 * column(x + 1) + column(x + 2) + 8) >> 4) as u8;
    }
}

#[inline(always)]
pub(super) fn row_sums(levels: &[u8], size: usize, out: &mut [u16]) {
    let mut count = levels.len().saturating_sub(1);
    for (x, sum) in out[..count].iter_mut().enumerate() {
        *sum = u16::from(levels[x]) + u16::from(levels[x + 1]);
    }
    // Sums of two become sums of four, of eight and so on.
    let mut step = 2;
    while step < size {
        let sums = &mut out[..count];
        count = count.saturating_sub(step);
        for x in 0..count {
            sums[x] += sums[x + step];
        }
        step *= 2;
    }
}

#[inline(always)]
pub(super) fn slide(sums: &mut [u32], incoming: &[u16], outgoing: &[u16]) {
    for ((sum, incoming), outgoing) in sums.iter_mut().zip(incoming).zip(outgoing) {
        *sum = *sum + u32::from(*incoming) - u32::from(*outgoing);
    }
}

#[inline(always)]
pub(super) fn means(sums: &[u32], shift: u32, out: &mut [u8]) {
    for (sum, mean) in sums.iter().zip(out) {
        *mean = (*sum >> shift) as u8;
    }
}

#[inline(always)]
pub(super) fn scan(
    blocks: &[Block],
    rows: &[&[u8]],
    count: usize,
    (shift, threshold): (u32, u16),
    out: &mut Vec<Survivor>,
) {
    for start in (0..count).step_by(SCAN_STEP) {
        let mut sums = [0_u16; SCAN_STEP];
        for some in blocks.chunks(4) {
            for block in some {
                let from = block.x as usize + start;
                let levels = &rows[block.row as usize][from..from + SCAN_STEP];
                for (sum, level) in sums.iter_mut().zip(levels) {
                    let away = u16::from(
                        level.saturating_sub(block.high) | block.low.saturating_sub(*level),
                    );
                    *sum = sum.saturating_add((away * away) >> shift);
                }
            }
            if sums.iter().all(|sum| *sum > threshold) {
                break;
            }
        }
        let kept = sums
            .iter()
            .take(count - start)
            .enumerate()
            .filter(|(_, sum)| **sum <= threshold);
        out.extend(kept.map(|(lane, &sum)| Survivor {
            column: (start + lane) as u32,
            sum,
        }));
    }
}
