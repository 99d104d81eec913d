//! Prepares frames and templates for comparison.
#![expect(unsafe_code, reason = "stores into slices whose length was checked")]

use std::arch::x86_64::*;

use super::registers::{load, load_half};
use crate::matcher::kernel::plain;

/// The positions of red and green in the 12 bytes of four pixels, as pairs of 16-bit numbers. The same for both halves.
const RED_GREEN: [u8; 32] = {
    let no = 0x80;
    let four = [0, no, 1, no, 3, no, 4, no, 6, no, 7, no, 9, no, 10, no];
    twice(four)
};

/// The positions of blue, each paired with zero.
const BLUE: [u8; 32] = {
    let no = 0x80;
    let four = [2, no, no, no, 5, no, no, no, 8, no, no, no, 11, no, no, no];
    twice(four)
};

const fn twice(half: [u8; 16]) -> [u8; 32] {
    let mut whole = [0; 32];
    let mut at = 0;
    while at < 32 {
        whole[at] = half[at % 16];
        at += 1;
    }
    whole
}

#[target_feature(enable = "avx2")]
pub(super) fn gray(rgb: &[u8], out: &mut [u8]) {
    let red_green = load(&RED_GREEN, 0);
    let blue = load(&BLUE, 0);
    let red_green_factors = _mm256_set1_epi32(19235 << 16 | 9798);
    let blue_factors = _mm256_set1_epi32(3735);
    let half = _mm256_set1_epi32(16384);
    // Eight levels as 32-bit numbers, the first four in the lower half.
    let eight = |rgb: &[u8], at: usize| {
        let pixels = _mm256_set_m128i(load_half(rgb, at + 12), load_half(rgb, at));
        let first = _mm256_madd_epi16(_mm256_shuffle_epi8(pixels, red_green), red_green_factors);
        let second = _mm256_madd_epi16(_mm256_shuffle_epi8(pixels, blue), blue_factors);
        _mm256_srli_epi32::<15>(_mm256_add_epi32(_mm256_add_epi32(first, second), half))
    };
    // Packing works within halves and leaves groups of four levels in the order 0 2 4 6 1 3 5 7.
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    let mut at = 0;
    // A step reads 100 bytes for 32 pixels.
    while let (Some(rgb), Some(out)) = (rgb.get(at * 3..at * 3 + 100), out.get_mut(at..at + 32)) {
        let words = [
            _mm256_packus_epi32(eight(rgb, 0), eight(rgb, 24)),
            _mm256_packus_epi32(eight(rgb, 48), eight(rgb, 72)),
        ];
        let bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(words[0], words[1]), order);
        store_bytes(out, bytes);
        at += 32;
    }
    // The rest of a row, as long as loads of 28 bytes for 8 pixels stay inside.
    while let (Some(rgb), Some(out)) = (rgb.get(at * 3..at * 3 + 28), out.get_mut(at..at + 8)) {
        let words = _mm256_packus_epi32(eight(rgb, 0), half);
        let bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(words, words), order);
        // After this order, the four levels of the lower half come first, then those of the upper half.
        let fours = _mm256_castsi256_si128(bytes);
        out[..4].copy_from_slice(&_mm_cvtsi128_si32(fours).to_le_bytes());
        out[4..].copy_from_slice(&_mm_extract_epi32::<1>(fours).to_le_bytes());
        at += 8;
    }
    plain::gray(&rgb[at * 3..], &mut out[at..]);
}

/// Stores into the first 32 bytes.
#[target_feature(enable = "avx2")]
#[inline]
fn store_bytes(out: &mut [u8], bytes: __m256i) {
    let out: &mut [u8] = &mut out[..32];
    // SAFETY: the slice has 32 bytes, and the store needs no alignment.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), bytes) };
}

#[target_feature(enable = "avx2")]
pub(super) fn blur(rows: [&[u8]; 3], out: &mut [u8]) {
    plain::blur(rows, out);
}

#[target_feature(enable = "avx2")]
pub(super) fn cells(rows: [&[u8]; 4], sums: &mut [u32], squares: &mut [u32]) {
    let (ones, twos) = (_mm256_set1_epi8(1), _mm256_set1_epi16(1));
    let zero = _mm256_setzero_si256();
    let whole = sums.len() - sums.len() % 8;
    for at in (0..whole).step_by(8) {
        let mut pairs = zero;
        let mut low_squares = zero;
        let mut high_squares = zero;
        for row in rows {
            let levels = load(row, at * 4);
            pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(levels, ones));
            let (low, high) = (
                _mm256_unpacklo_epi8(levels, zero),
                _mm256_unpackhi_epi8(levels, zero),
            );
            low_squares = _mm256_add_epi32(low_squares, _mm256_madd_epi16(low, low));
            high_squares = _mm256_add_epi32(high_squares, _mm256_madd_epi16(high, high));
        }
        store(sums, at, _mm256_madd_epi16(pairs, twos));
        store(squares, at, _mm256_hadd_epi32(low_squares, high_squares));
    }
    let rest = rows.map(|row| &row[whole * 4..]);
    plain::cells(rest, &mut sums[whole..], &mut squares[whole..]);
}

/// Stores eight numbers, beginning at `at`.
#[target_feature(enable = "avx2")]
#[inline]
fn store(numbers: &mut [u32], at: usize, eight: __m256i) {
    let numbers: &mut [u32] = &mut numbers[at..at + 8];
    // SAFETY: the slice has 8 numbers, 32 bytes, and the store needs no alignment.
    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), eight) };
}

#[target_feature(enable = "avx2")]
pub(super) fn add_fours(above: &[u32], below: &[u32], step: usize, out: &mut [u32]) {
    plain::add_fours(above, below, step, out);
}

#[target_feature(enable = "avx2")]
pub(super) fn add_columns(levels: &[u8], sums: &mut [u32], squares: &mut [u32]) {
    plain::add_columns(levels, sums, squares);
}

#[target_feature(enable = "avx2")]
pub(super) fn features(
    sums: &[u32],
    squares: &[u32],
    log: u32,
    means: &mut [u8],
    deviations: &mut [u8],
) {
    plain::features(sums, squares, log, means, deviations);
}
