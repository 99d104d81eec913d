#![expect(
    unsafe_code,
    reason = "processor instructions behind a run-time check; each version is tested against the plain one"
)]

use std::arch::x86_64::*;

use super::{Block, SCAN_STEP, Survivor, plain};

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
    ssd(a: &[u8], b: &[u8]) -> u32;
    gray(rgb: &[u8], out: &mut [u8]);
    blur(rows: [&[u8]; 3], out: &mut [u8]);
    row_sums(levels: &[u8], size: usize, out: &mut [u16]);
    slide(sums: &mut [u32], incoming: &[u16], outgoing: &[u16]);
    means(sums: &[u32], shift: u32, out: &mut [u8]);
    scan(blocks: &[Block], rows: &[&[u8]], count: usize, limits: (u32, u16), out: &mut Vec<Survivor>);
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

#[target_feature(enable = "avx2")]
#[inline]
fn ssd(a: &[u8], b: &[u8]) -> u32 {
    let length = a.len().min(b.len());
    let (a, b) = (&a[..length], &b[..length]);
    let mut sums = _mm256_setzero_si256();
    let mut at = 0;
    while at + 32 <= length {
        let (x, y) = (load(a, at), load(b, at));
        let away = _mm256_or_si256(_mm256_subs_epu8(x, y), _mm256_subs_epu8(y, x));
        let zero = _mm256_setzero_si256();
        let (low, high) = (
            _mm256_unpacklo_epi8(away, zero),
            _mm256_unpackhi_epi8(away, zero),
        );
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(low, low));
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(high, high));
        at += 32;
    }
    if at + 16 <= length {
        let (x, y) = (
            _mm256_cvtepu8_epi16(load_half(a, at)),
            _mm256_cvtepu8_epi16(load_half(b, at)),
        );
        let away = _mm256_sub_epi16(x, y);
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(away, away));
        at += 16;
    }
    let half = _mm_add_epi32(
        _mm256_castsi256_si128(sums),
        _mm256_extracti128_si256::<1>(sums),
    );
    let half = _mm_add_epi32(half, _mm_shuffle_epi32::<0b00_00_11_10>(half));
    let half = _mm_add_epi32(half, _mm_shuffle_epi32::<0b00_00_00_01>(half));
    let mut sum = _mm_cvtsi128_si32(half) as u32;
    for (a, b) in a[at..].iter().zip(&b[at..]) {
        sum += u32::from(a.abs_diff(*b)).pow(2);
    }
    sum
}

/// Where in the 12 bytes of four pixels to find red and green as pairs of 16-bit numbers; twice, once a half.
const RED_GREEN: [u8; 32] = {
    let no = 0x80;
    let four = [0, no, 1, no, 3, no, 4, no, 6, no, 7, no, 9, no, 10, no];
    twice(four)
};

/// Where to find blue, each paired with nothing.
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
fn gray(rgb: &[u8], out: &mut [u8]) {
    let red_green = load(&RED_GREEN, 0);
    let blue = load(&BLUE, 0);
    let red_green_factors = _mm256_set1_epi32(19235 << 16 | 9798);
    let blue_factors = _mm256_set1_epi32(3735);
    let half = _mm256_set1_epi32(16384);
    let count = out.len().min(rgb.len() / 3);
    let mut at = 0;
    // A step reads 28 bytes for 8 pixels.
    while at + 8 <= count && at * 3 + 28 <= rgb.len() {
        let pixels = _mm256_set_m128i(load_half(rgb, at * 3 + 12), load_half(rgb, at * 3));
        let first = _mm256_madd_epi16(_mm256_shuffle_epi8(pixels, red_green), red_green_factors);
        let second = _mm256_madd_epi16(_mm256_shuffle_epi8(pixels, blue), blue_factors);
        let levels =
            _mm256_srli_epi32::<15>(_mm256_add_epi32(_mm256_add_epi32(first, second), half));
        let words = _mm_packus_epi32(
            _mm256_castsi256_si128(levels),
            _mm256_extracti128_si256::<1>(levels),
        );
        let bytes = _mm_packus_epi16(words, words);
        out[at..at + 8].copy_from_slice(&_mm_cvtsi128_si64(bytes).to_le_bytes());
        at += 8;
    }
    plain::gray(&rgb[at * 3..], &mut out[at..]);
}

#[target_feature(enable = "avx2")]
fn blur(rows: [&[u8]; 3], out: &mut [u8]) {
    plain::blur(rows, out);
}

#[target_feature(enable = "avx2")]
fn row_sums(levels: &[u8], size: usize, out: &mut [u16]) {
    plain::row_sums(levels, size, out);
}

#[target_feature(enable = "avx2")]
fn slide(sums: &mut [u32], incoming: &[u16], outgoing: &[u16]) {
    plain::slide(sums, incoming, outgoing);
}

#[target_feature(enable = "avx2")]
fn means(sums: &[u32], shift: u32, out: &mut [u8]) {
    plain::means(sums, shift, out);
}

#[target_feature(enable = "avx2")]
fn scan(
    blocks: &[Block],
    rows: &[&[u8]],
    count: usize,
    (shift, threshold): (u32, u16),
    out: &mut Vec<Survivor>,
) {
    let zero = _mm256_setzero_si256();
    let limit = _mm256_set1_epi16(threshold as i16);
    let shift = _mm_cvtsi32_si128(shift as i32);
    for start in (0..count).step_by(SCAN_STEP) {
        // Of the 32 places, 0 to 7 and 16 to 23 are in `low`, the others in `high`.
        let (mut low, mut high) = (zero, zero);
        let mut kept_low = 0;
        let mut kept_high = 0;
        for some in blocks.chunks(4) {
            for block in some {
                let levels = load(rows[block.row as usize], block.x as usize + start);
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
            // A sum is not above the limit where the smaller of the two is the sum.
            let keep_low = _mm256_cmpeq_epi16(_mm256_min_epu16(low, limit), low);
            let keep_high = _mm256_cmpeq_epi16(_mm256_min_epu16(high, limit), high);
            kept_low = _mm256_movemask_epi8(keep_low);
            kept_high = _mm256_movemask_epi8(keep_high);
            if kept_low | kept_high == 0 {
                break;
            }
        }
        if kept_low | kept_high == 0 {
            continue;
        }
        let sums = unpacked(low, high);
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

/// The sums in the order of their places.
#[target_feature(enable = "avx2")]
#[inline]
fn unpacked(low: __m256i, high: __m256i) -> [u16; SCAN_STEP] {
    let mut sums = [0; SCAN_STEP];
    let halves = [
        _mm256_permute2x128_si256::<0x20>(low, high),
        _mm256_permute2x128_si256::<0x31>(low, high),
    ];
    for (half, out) in halves.into_iter().zip(sums.chunks_exact_mut(16)) {
        // SAFETY: the chunk has 16 numbers, 32 bytes, and the store needs no alignment.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), half) };
    }
    sums
}
