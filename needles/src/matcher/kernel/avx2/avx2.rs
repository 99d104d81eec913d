//! The proof that a processor has AVX2, and the calls that need it.
#![expect(
    unsafe_code,
    reason = "processor instructions behind a run-time check; each version is tested against the plain one"
)]

use super::preparing::{add_columns, add_fours, blur, cells, features, gray};
use super::scanning::{scan, squares_outside};
use super::sums::{square_ssd, ssd_within};
use crate::matcher::kernel::features::{Grid, Stage, Survivor};
use crate::matcher::kernel::strips::{Square, Strips};

/// Proof that this processor has AVX2. Only [`Avx2::detect`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx2(());

/// Makes methods that call the functions of the same name.
macro_rules! behind_proof {
    ($($name:ident($($argument:ident: $kind:ty),*) $(-> $result:ty)?;)*) => {
        impl Avx2 {
            $(
                #[inline]
                pub(in crate::matcher::kernel) fn $name(self, $($argument: $kind),*) $(-> $result)? {
                    // SAFETY: a value of this type exists only if AVX2 was detected.
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
    /// Returns the proof if the processor has AVX2.
    #[inline]
    pub(in crate::matcher::kernel) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}
