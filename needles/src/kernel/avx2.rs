#![expect(
    unsafe_code,
    reason = "processor instructions behind a run-time check; each version is tested against the plain one"
)]

use std::arch::x86_64::*;

use super::{Grid, SCAN_STEP, Square, Stage, Strips, Survivor, plain};

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
        32 => wide_ssd::<32>(template, square, frame, x),
        64 => wide_ssd::<64>(template, square, frame, x),
        _ => plain::square_ssd(template, square, frame, x),
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn wide_ssd<const SIDE: usize>(
    template: Strips<'_>,
    square: Square,
    frame: &[&[u8]],
    x: usize,
) -> u64 {
    let mut sums = _mm256_setzero_si256();
    for row in 0..SIDE {
        let Some((levels, frame)) = square.row::<SIDE>(template, frame, x, row) else {
            break;
        };
        for at in (0..SIDE).step_by(32) {
            sums = _mm256_add_epi32(sums, squares(load(levels, at), load(frame, at)));
        }
    }
    total(sums)
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
    // Eight levels as 32-bit numbers, the first four in the lower half.
    let eight = |rgb: &[u8], at: usize| {
        let pixels = _mm256_set_m128i(load_half(rgb, at + 12), load_half(rgb, at));
        let first = _mm256_madd_epi16(_mm256_shuffle_epi8(pixels, red_green), red_green_factors);
        let second = _mm256_madd_epi16(_mm256_shuffle_epi8(pixels, blue), blue_factors);
        _mm256_srli_epi32::<15>(_mm256_add_epi32(_mm256_add_epi32(first, second), half))
    };
    // Packing works within halves and leaves fours of levels in the order 0 2 4 6 1 3 5 7.
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
    // What is left of a row, as far as loads of 28 bytes for 8 pixels stay inside.
    while let (Some(rgb), Some(out)) = (rgb.get(at * 3..at * 3 + 28), out.get_mut(at..at + 8)) {
        let words = _mm256_packus_epi32(eight(rgb, 0), half);
        let bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(words, words), order);
        // The order leaves the four of the lower half first and those of the upper second.
        let fours = _mm256_castsi256_si128(bytes);
        out[..4].copy_from_slice(&_mm_cvtsi128_si32(fours).to_le_bytes());
        out[4..].copy_from_slice(&_mm_extract_epi32::<1>(fours).to_le_bytes());
        at += 8;
    }
    plain::gray(&rgb[at * 3..], &mut out[at..]);
}

/// To the first 32 bytes.
#[target_feature(enable = "avx2")]
#[inline]
fn store_bytes(out: &mut [u8], bytes: __m256i) {
    let out: &mut [u8] = &mut out[..32];
    // SAFETY: the slice has 32 bytes, and the store needs no alignment.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), bytes) };
}

#[target_feature(enable = "avx2")]
fn blur(rows: [&[u8]; 3], out: &mut [u8]) {
    plain::blur(rows, out);
}

#[target_feature(enable = "avx2")]
fn cells(rows: [&[u8]; 4], sums: &mut [u32], squares: &mut [u32]) {
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

/// Eight numbers from `at` on.
#[target_feature(enable = "avx2")]
#[inline]
fn store(numbers: &mut [u32], at: usize, eight: __m256i) {
    let numbers: &mut [u32] = &mut numbers[at..at + 8];
    // SAFETY: the slice has 8 numbers, 32 bytes, and the store needs no alignment.
    unsafe { _mm256_storeu_si256(numbers.as_mut_ptr().cast(), eight) };
}

#[target_feature(enable = "avx2")]
fn add_fours(above: &[u32], below: &[u32], step: usize, out: &mut [u32]) {
    plain::add_fours(above, below, step, out);
}

/// Rows of blocks after which the eight 32-bit sums are added to the whole. With up to 2048 blocks in a row, more than any picture has, all of
/// them together hold less than 2^32: `16 * 2048 * 255^2 < 2^32`.
const ROWS_A_TOTAL: usize = 16;

#[target_feature(enable = "avx2")]
fn squares_outside(grid: Grid<'_>) -> u64 {
    let zero = _mm256_setzero_si256();
    let mut whole = 0;
    let mut sums = zero;
    for row in 0..grid.rows {
        let (blocks, features) = (row * grid.across, row * grid.stride);
        for at in (0..grid.across).step_by(SCAN_STEP) {
            // What lies behind a row's end counts as nothing away.
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

#[target_feature(enable = "avx2")]
fn add_columns(levels: &[u8], sums: &mut [u32], squares: &mut [u32]) {
    plain::add_columns(levels, sums, squares);
}

#[target_feature(enable = "avx2")]
fn features(sums: &[u32], squares: &[u32], log: u32, means: &mut [u8], deviations: &mut [u8]) {
    plain::features(sums, squares, log, means, deviations);
}

/// The first bytes of 32, by a load from that many before the middle on.
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
fn scan(stages: &[Stage<'_>], count: usize, out: &mut Vec<Survivor>) {
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

/// The sums at 32 places, and all ones for each place that is left. Of the places, 0 to 7 and 16 to 23 are in the first half.
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
        // A sum is not above the limit where the smaller of the two is the sum.
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

/// Numbers in the order of their places.
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
