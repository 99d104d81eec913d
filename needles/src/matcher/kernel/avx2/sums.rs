//! Sums of squared differences.

use std::arch::x86_64::*;

use super::registers::{load, load_half, total};
use crate::matcher::kernel::plain;
use crate::matcher::kernel::strips::{Square, Strips};

/// Number of samples after which a sum is compared with its bound. A comparison costs about as much as 64 samples.
const SAMPLES_A_CHECK: usize = 512;

/// A mask for the last n of 16 bytes: load 16 bytes, beginning at n.
const LAST: [u8; 32] = {
    let mut mask = [0; 32];
    let mut at = 16;
    while at < 32 {
        mask[at] = 0xff;
        at += 1;
    }
    mask
};

#[target_feature(enable = "avx2")]
pub(super) fn ssd_within(strips: Strips<'_>, frame: &[&[u8]], x: usize, bound: u64) -> Option<u64> {
    let width = strips.width;
    if width < 16 {
        return plain::ssd_within(strips, frame, x, bound);
    }
    let rest = width % 16;
    let last = load_half(&LAST, rest);
    let mut ssd = 0;
    let mut sums = _mm256_setzero_si256();
    let mut unchecked = 0;
    for (levels, frame) in strips.beside(frame, x) {
        let mut at = 0;
        while at + 32 <= width {
            sums = _mm256_add_epi32(sums, squares(load(levels, at), load(frame, at)));
            at += 32;
        }
        if at + 16 <= width {
            let (a, b) = (load_half(levels, at), load_half(frame, at));
            sums = _mm256_add_epi32(sums, half_squares(a, b));
        }
        if rest > 0 {
            // The last 16 levels again, without those that were counted already.
            let (a, b) = (load_half(levels, width - 16), load_half(frame, width - 16));
            sums = _mm256_add_epi32(
                sums,
                half_squares(_mm_and_si128(a, last), _mm_and_si128(b, last)),
            );
        }
        unchecked += width;
        if unchecked >= SAMPLES_A_CHECK {
            ssd += total(sums);
            if ssd > bound {
                return None;
            }
            sums = _mm256_setzero_si256();
            unchecked = 0;
        }
    }
    ssd += total(sums);
    (ssd <= bound).then_some(ssd)
}

#[target_feature(enable = "avx2")]
pub(super) fn square_ssd(template: Strips<'_>, square: Square, frame: &[&[u8]], x: usize) -> u64 {
    match square.side {
        16 => {
            let mut sums = _mm256_setzero_si256();
            for row in 0..16 {
                let Some((levels, frame)) = square.row::<16>(template, frame, x, row) else {
                    break;
                };
                let (a, b) = (load_half(levels, 0), load_half(frame, 0));
                sums = _mm256_add_epi32(sums, half_squares(a, b));
            }
            total(sums)
        }
        32 => {
            let mut sums = _mm256_setzero_si256();
            for row in 0..32 {
                let Some((levels, frame)) = square.row::<32>(template, frame, x, row) else {
                    break;
                };
                sums = _mm256_add_epi32(sums, squares(load(levels, 0), load(frame, 0)));
            }
            total(sums)
        }
        _ => plain::square_ssd(template, square, frame, x),
    }
}

/// Computes squared differences, added up in groups of four.
#[target_feature(enable = "avx2")]
#[inline]
fn squares(a: __m256i, b: __m256i) -> __m256i {
    let zero = _mm256_setzero_si256();
    let away = _mm256_or_si256(_mm256_subs_epu8(a, b), _mm256_subs_epu8(b, a));
    let (low, high) = (
        _mm256_unpacklo_epi8(away, zero),
        _mm256_unpackhi_epi8(away, zero),
    );
    _mm256_add_epi32(_mm256_madd_epi16(low, low), _mm256_madd_epi16(high, high))
}

/// Computes squared differences, added up in pairs.
#[target_feature(enable = "avx2")]
#[inline]
fn half_squares(a: __m128i, b: __m128i) -> __m256i {
    let away = _mm256_sub_epi16(_mm256_cvtepu8_epi16(a), _mm256_cvtepu8_epi16(b));
    _mm256_madd_epi16(away, away)
}
