//! The loops for 64-bit ARM, which always has NEON. The compiler uses it for the plain loops, too; only the two most
//! expensive loops are written by hand.
#![expect(
    unsafe_code,
    reason = "loads from slices whose length was checked; each version is tested against the plain one"
)]

use std::arch::aarch64::*;

use super::features::{SCAN_STEP, Stage, Survivor};
use super::strips::Strips;

pub(super) use super::plain::{
    add_columns, add_fours, blur, cells, features, gray, square_ssd, squares_outside,
};

/// Loads 16 bytes, beginning at `at`.
#[inline]
fn load(bytes: &[u8], at: usize) -> uint8x16_t {
    let bytes: &[u8] = &bytes[at..at + 16];
    // SAFETY: the slice has 16 bytes, and NEON is part of every 64-bit ARM.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

pub(super) fn ssd_within(strips: Strips<'_>, frame: &[&[u8]], x: usize, bound: u64) -> Option<u64> {
    let mut ssd = 0;
    for (levels, frame) in strips.beside(frame, x) {
        ssd += u64::from(row_ssd(levels, frame));
        if ssd > bound {
            return None;
        }
    }
    Some(ssd)
}

#[inline]
fn row_ssd(a: &[u8], b: &[u8]) -> u32 {
    let whole = a.len() - a.len() % 16;
    // SAFETY: NEON is part of every 64-bit ARM.
    let sum = unsafe {
        let mut sums = vdupq_n_u32(0);
        for at in (0..whole).step_by(16) {
            let away = vabdq_u8(load(a, at), load(b, at));
            let low = vmull_u8(vget_low_u8(away), vget_low_u8(away));
            let high = vmull_high_u8(away, away);
            sums = vpadalq_u16(vpadalq_u16(sums, low), high);
        }
        vaddvq_u32(sums)
    };
    let rest = a[whole..].iter().zip(&b[whole..]);
    sum + rest
        .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2))
        .sum::<u32>()
}

pub(super) fn scan(stages: &[Stage<'_>], count: usize, out: &mut Vec<Survivor>) {
    for start in (0..count).step_by(SCAN_STEP) {
        let mut left: [bool; SCAN_STEP] = std::array::from_fn(|lane| start + lane < count);
        let mut found = None;
        for (index, stage) in stages.iter().enumerate() {
            let count = left.iter().filter(|left| **left).count();
            if count == 0 || index > 0 && count < stage.worth as usize {
                break;
            }
            let sums = stage_sums(stage, start);
            for (left, sum) in left.iter_mut().zip(&sums) {
                *left &= *sum <= stage.threshold;
            }
            found = Some((index, sums));
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

/// Computes the sums at 32 places. Stops early if all sums are above the threshold; the sums are too small then.
fn stage_sums(stage: &Stage<'_>, start: usize) -> [u16; SCAN_STEP] {
    let mut sums = [0_u16; SCAN_STEP];
    // SAFETY: NEON is part of every 64-bit ARM; each store has its eight numbers.
    unsafe {
        let shift = vdupq_n_s16(-(stage.shift as i16));
        let limit = vdupq_n_u16(stage.threshold);
        let mut quarters = [vdupq_n_u16(0); 4];
        for some in stage.blocks.chunks(4) {
            for block in some {
                for (half, pair) in quarters.chunks_exact_mut(2).enumerate() {
                    let levels = load(
                        stage.rows[block.row as usize],
                        stage.x + block.x as usize + start + half * 16,
                    );
                    let above = vqsubq_u8(levels, vdupq_n_u8(block.high));
                    let below = vqsubq_u8(vdupq_n_u8(block.low), levels);
                    let away = vorrq_u8(above, below);
                    let low = vmull_u8(vget_low_u8(away), vget_low_u8(away));
                    let high = vmull_high_u8(away, away);
                    pair[0] = vqaddq_u16(pair[0], vshlq_u16(low, shift));
                    pair[1] = vqaddq_u16(pair[1], vshlq_u16(high, shift));
                }
            }
            let [a, b, c, d] = quarters;
            let least = vminq_u16(vminq_u16(a, b), vminq_u16(c, d));
            if vmaxvq_u16(vcleq_u16(least, limit)) == 0 {
                break;
            }
        }
        for (quarter, out) in quarters.into_iter().zip(sums.chunks_exact_mut(8)) {
            vst1q_u16(out.as_mut_ptr(), quarter);
        }
    }
    sums
}
