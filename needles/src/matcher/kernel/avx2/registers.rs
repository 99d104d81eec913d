//! Loads into registers, and sums of registers.
#![expect(
    unsafe_code,
    reason = "loads from slices whose length was checked; each version is tested against the plain one"
)]

use std::arch::x86_64::*;

/// Loads 32 bytes, beginning at `at`.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn load(bytes: &[u8], at: usize) -> __m256i {
    let bytes: &[u8] = &bytes[at..at + 32];
    // SAFETY: the slice has 32 bytes, and the load needs no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

/// Loads 16 bytes, beginning at `at`.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn load_half(bytes: &[u8], at: usize) -> __m128i {
    let bytes: &[u8] = &bytes[at..at + 16];
    // SAFETY: the slice has 16 bytes, and the load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn total(sums: __m256i) -> u64 {
    let half = _mm_add_epi32(
        _mm256_castsi256_si128(sums),
        _mm256_extracti128_si256::<1>(sums),
    );
    let half = _mm_add_epi32(half, _mm_shuffle_epi32::<0b00_00_11_10>(half));
    let half = _mm_add_epi32(half, _mm_shuffle_epi32::<0b00_00_00_01>(half));
    // Below 2^32: a strip has at most 8192 samples, and few strips lie between two checks.
    u64::from(_mm_cvtsi128_si32(half) as u32)
}
