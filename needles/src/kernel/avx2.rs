#![expect(
    unsafe_code,
    reason = "processor instructions behind a run-time check; each version is tested against the plain one"
)]

mod preparing;
mod scanning;

use std::arch::x86_64::*;

use preparing::{add_columns, add_fours, blur, cells, features, gray};
use scanning::{scan, squares_outside};

use super::{Grid, Square, Stage, Strips, Survivor, plain};

/// Proof that this processor has AVX2: the only way to one is [`Avx2::detect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx2(());

/// Methods that call the function of the same name below.
macro_rules! behind_proof {
    ($($name:ident($($argument:ident: $kind:ty),*) $(-> $result:ty)?;)*) => {
        impl Avx2 {
            $(
                #[inline]
                pub(super) fn $name(self, $($argument: $kind),*) $(-> $result)? {
                    // SAFETY: a value of this type exists only where AVX2 was detected.
                    unsafe { $name($($argument),*) }
                }
            )*
        }
    };
}

behind_proof! {
    ssd_within(strips: Strips<'_>, frame: &[&[u8]], x: usize, bound: u64) -> Option<u64>;
    square_ssd(template: Strips<'_>, square: Square, frame: &[&[u8]], x: usize) -> u64;
    gray(rgb: &[u8], out: &mut [u8]);
    blur(rows: [&[u8]; 3], out: &mut [u8]);
    cells(rows: [&[u8]; 4], sums: &mut [u32], squares: &mut [u32]);
    add_fours(above: &[u32], below: &[u32], step: usize, out: &mut [u32]);
    squares_outside(grid: Grid<'_>) -> u64;
    add_columns(levels: &[u8], sums: &mut [u32], squares: &mut [u32]);
    features(sums: &[u32], squares: &[u32], log: u32, means: &mut [u8], deviations: &mut [u8]);
    scan(stages: &[Stage<'_>], count: usize, out: &mut Vec<Survivor>);
}

impl Avx2 {
    /// The proof, where there is AVX2.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

/// 32 bytes from `at` on.
#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8], at: usize) -> __m256i {
    let bytes: &[u8] = &bytes[at..at + 32];
    // SAFETY: the slice has 32 bytes, and the load needs no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

/// 16 bytes from `at` on.
#[target_feature(enable = "avx2")]
#[inline]
fn load_half(bytes: &[u8], at: usize) -> __m128i {
    let bytes: &[u8] = &bytes[at..at + 16];
    // SAFETY: the slice has 16 bytes, and the load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// Samples after which a sum is compared with its bound: a comparison costs about as much as 64 samples.
const SAMPLES_A_CHECK: usize = 512;

/// The last bytes of 16, as many as the offset says, by a load from this offset on.
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
fn ssd_within(strips: Strips<'_>, frame: &[&[u8]], x: usize, bound: u64) -> Option<u64> {
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
            // The last 16 again, without those that have been counted.
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
fn square_ssd(template: Strips<'_>, square: Square, frame: &[&[u8]], x: usize) -> u64 {
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

/// Squared differences, added up by fours.
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

/// Squared differences, added up by twos.
#[target_feature(enable = "avx2")]
#[inline]
fn half_squares(a: __m128i, b: __m128i) -> __m256i {
    let away = _mm256_sub_epi16(_mm256_cvtepu8_epi16(a), _mm256_cvtepu8_epi16(b));
    _mm256_madd_epi16(away, away)
}

#[target_feature(enable = "avx2")]
#[inline]
fn total(sums: __m256i) -> u64 {
    let half = _mm_add_epi32(
        _mm256_castsi256_si128(sums),
        _mm256_extracti128_si256::<1>(sums),
    );
    let half = _mm_add_epi32(half, _mm_shuffle_epi32::<0b00_00_11_10>(half));
    let half = _mm_add_epi32(half, _mm_shuffle_epi32::<0b00_00_00_01>(half));
    // Less than 2^32: a strip has at most 8192 samples, and strips are few between two checks.
    u64::from(_mm_cvtsi128_si32(half) as u32)
}
