//! Rules out places by features.
#![expect(unsafe_code, reason = "stores into arrays whose length is known")]

use std::arch::x86_64::*;

use super::registers::{load, total};
use crate::matcher::kernel::features::{Grid, SCAN_STEP, Stage, Survivor};

/// Number of rows of blocks after which the eight 32-bit sums are added to the total. No picture has more than 2048
/// blocks in a row, so the sums stay below 2^32: `16 * 2048 * 255^2 < 2^32`.
const ROWS_A_TOTAL: usize = 16;

#[target_feature(enable = "avx2")]
pub(super) fn squares_outside(grid: Grid<'_>) -> u64 {
    let zero = _mm256_setzero_si256();
    let mut whole = 0;
    let mut sums = zero;
    for row in 0..grid.rows {
        let (blocks, features) = (row * grid.across, row * grid.stride);
        for at in (0..grid.across).step_by(SCAN_STEP) {
            // Bytes after the end of a row count as no difference.
            let asked = load(&FIRST, SCAN_STEP - SCAN_STEP.min(grid.across - at));
            let levels = load(grid.frame, features + at);
            let above = _mm256_subs_epu8(levels, load(grid.high, blocks + at));
            let below = _mm256_subs_epu8(load(grid.low, blocks + at), levels);
            let away = _mm256_and_si256(_mm256_or_si256(above, below), asked);
            let (a, b) = (
                _mm256_unpacklo_epi8(away, zero),
                _mm256_unpackhi_epi8(away, zero),
            );
            let squares = _mm256_add_epi32(_mm256_madd_epi16(a, a), _mm256_madd_epi16(b, b));
            sums = _mm256_add_epi32(sums, squares);
        }
        if row % ROWS_A_TOTAL == ROWS_A_TOTAL - 1 {
            whole += total(sums);
            sums = zero;
        }
    }
    whole + total(sums)
}

/// A mask for the first n of 32 bytes: load 32 bytes, beginning n before the middle.
const FIRST: [u8; 2 * SCAN_STEP] = {
    let mut mask = [0; 2 * SCAN_STEP];
    let mut at = 0;
    while at < SCAN_STEP {
        mask[at] = 0xff;
        at += 1;
    }
    mask
};

#[target_feature(enable = "avx2")]
pub(super) fn scan(stages: &[Stage<'_>], count: usize, out: &mut Vec<Survivor>) {
    for start in (0..count).step_by(SCAN_STEP) {
        let asked = load(&FIRST, SCAN_STEP - SCAN_STEP.min(count - start));
        let mut lanes = Lanes {
            sums: [asked; 2],
            left: [
                _mm256_unpacklo_epi8(asked, asked),
                _mm256_unpackhi_epi8(asked, asked),
            ],
        };
        let mut looked = 0;
        for (index, stage) in stages.iter().enumerate() {
            if index > 0 && lanes.count() < stage.worth {
                break;
            }
            lanes = stage_sums(stage, start, lanes.left);
            looked = index;
            if lanes.count() == 0 {
                break;
            }
        }
        if lanes.count() == 0 {
            continue;
        }
        let (sums, left) = (unpacked(lanes.sums), unpacked(lanes.left));
        let kept = left
            .iter()
            .zip(&sums)
            .enumerate()
            .filter(|(_, (left, _))| **left != 0);
        out.extend(kept.map(|(lane, (_, &sum))| Survivor {
            column: (start + lane) as u32,
            stage: looked as u32,
            sum,
        }));
    }
}

/// The sums at 32 places, and all bits set for each place that is left. The first half has the places 0 to 7 and 16 to
/// 23.
#[derive(Clone, Copy)]
struct Lanes {
    sums: [__m256i; 2],
    left: [__m256i; 2],
}

impl Lanes {
    #[target_feature(enable = "avx2")]
    #[inline]
    fn count(&self) -> u32 {
        let [a, b] = self.left;
        _mm256_movemask_epi8(_mm256_packs_epi16(a, b)).count_ones()
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn stage_sums(stage: &Stage<'_>, start: usize, before: [__m256i; 2]) -> Lanes {
    let zero = _mm256_setzero_si256();
    let limit = _mm256_set1_epi16(stage.threshold as i16);
    let shift = _mm_cvtsi32_si128(stage.shift as i32);
    let [mut low, mut high] = [zero; 2];
    let mut left = before;
    for some in stage.blocks.chunks(4) {
        for block in some {
            let levels = load(
                stage.rows[block.row as usize],
                stage.x + block.x as usize + start,
            );
            let above = _mm256_subs_epu8(levels, _mm256_set1_epi8(block.high as i8));
            let below = _mm256_subs_epu8(_mm256_set1_epi8(block.low as i8), levels);
            let away = _mm256_or_si256(above, below);
            let (a, b) = (
                _mm256_unpacklo_epi8(away, zero),
                _mm256_unpackhi_epi8(away, zero),
            );
            low = _mm256_adds_epu16(low, _mm256_srl_epi16(_mm256_mullo_epi16(a, a), shift));
            high = _mm256_adds_epu16(high, _mm256_srl_epi16(_mm256_mullo_epi16(b, b), shift));
        }
        // A sum is not above the limit if it is the smaller of the two.
        let keep = |sums| _mm256_cmpeq_epi16(_mm256_min_epu16(sums, limit), sums);
        left = [
            _mm256_and_si256(before[0], keep(low)),
            _mm256_and_si256(before[1], keep(high)),
        ];
        let any = _mm256_or_si256(left[0], left[1]);
        if _mm256_testz_si256(any, any) == 1 {
            break;
        }
    }
    Lanes {
        sums: [low, high],
        left,
    }
}

/// Returns the numbers in the order of their places.
#[target_feature(enable = "avx2")]
#[inline]
fn unpacked([low, high]: [__m256i; 2]) -> [u16; SCAN_STEP] {
    let mut numbers = [0; SCAN_STEP];
    let halves = [
        _mm256_permute2x128_si256::<0x20>(low, high),
        _mm256_permute2x128_si256::<0x31>(low, high),
    ];
    for (half, out) in halves.into_iter().zip(numbers.chunks_exact_mut(16)) {
        // SAFETY: the chunk has 16 numbers, 32 bytes, and the store needs no alignment.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), half) };
    }
    numbers
}
