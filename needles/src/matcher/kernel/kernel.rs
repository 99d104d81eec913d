//! Selects the version of the loops for this processor.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::features::{Grid, Stage, Survivor};
#[cfg(target_arch = "aarch64")]
use super::neon;
use super::plain;
use super::strips::{Square, Strips};

/// A version of the loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernel {
    /// For any processor.
    Plain,
    /// For x86-64 with AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Avx2),
    /// For 64-bit ARM, which always has NEON.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

/// Calls the selected version of a loop.
macro_rules! dispatch {
    ($kernel:expr, $name:ident($($argument:expr),*)) => {
        match $kernel {
            Kernel::Plain => plain::$name($($argument),*),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2(avx2) => avx2.$name($($argument),*),
            #[cfg(target_arch = "aarch64")]
            Kernel::Neon => neon::$name($($argument),*),
        }
    };
}

impl Kernel {
    /// Returns the fastest version for this processor.
    #[inline]
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = avx2::Avx2::detect() {
            return Self::Avx2(avx2);
        }
        #[cfg(target_arch = "aarch64")]
        return Self::Neon;
        #[cfg(not(target_arch = "aarch64"))]
        Self::Plain
    }

    /// Computes the sum of squared differences between a template's strips and a frame. Returns `None` if it is above
    /// `bound`.
    ///
    /// Row `i` of the template lies on `frame[i][x..]`. At most 2^20 samples, and 8192 in a strip.
    #[inline]
    pub(crate) fn ssd_within(
        self,
        strips: Strips<'_>,
        frame: &[&[u8]],
        x: usize,
        bound: u64,
    ) -> Option<u64> {
        dispatch!(self, ssd_within(strips, frame, x, bound))
    }

    /// Computes the sum of squared differences between a square of a template and a frame. Ignores `template.order`.
    ///
    /// Row `i` of the template lies on `frame[i][x..]`.
    #[inline]
    pub(crate) fn square_ssd(
        self,
        template: Strips<'_>,
        square: Square,
        frame: &[&[u8]],
        x: usize,
    ) -> u64 {
        dispatch!(self, square_ssd(template, square, frame, x))
    }

    /// Computes the gray level of each pixel of `rgb`.
    pub(crate) fn gray(self, rgb: &[u8], out: &mut [u8]) {
        dispatch!(self, gray(rgb, out));
    }

    /// Blurs one row. The three input rows have one more level at each end than `out`.
    pub(crate) fn blur(self, rows: [&[u8]; 3], out: &mut [u8]) {
        dispatch!(self, blur(rows, out));
    }

    /// Computes the sums and the sums of squares of adjacent blocks of 4x4 levels.
    ///
    /// The rows must have at least four levels for each block.
    pub(crate) fn cells(self, rows: [&[u8]; 4], sums: &mut [u32], squares: &mut [u32]) {
        dispatch!(self, cells(rows, sums, squares));
    }

    /// Computes sums of four numbers: number `i` of both rows and number `i + step` of both rows.
    ///
    /// The rows have `step` more numbers than `out`.
    pub(crate) fn add_fours(self, above: &[u32], below: &[u32], step: usize, out: &mut [u32]) {
        dispatch!(self, add_fours(above, below, step, out));
    }

    /// Sums up the squared distances of the frame's features from the template's ranges.
    pub(crate) fn squares_outside(self, grid: Grid<'_>) -> u64 {
        dispatch!(self, squares_outside(grid))
    }

    /// Adds the levels of a row and their squares to the sums of their columns. The sums wrap around.
    pub(crate) fn add_columns(self, levels: &[u8], sums: &mut [u32], squares: &mut [u32]) {
        dispatch!(self, add_columns(levels, sums, squares));
    }

    /// Computes means and standard deviations from sums and sums of squares over `1 << log` levels, at most 2^10. Means
    /// are rounded down. Deviations are rounded to the nearest, with an additional error of at most
    /// [`Self::DEVIATION_ERROR`].
    pub(crate) fn features(
        self,
        sums: &[u32],
        squares: &[u32],
        log: u32,
        means: &mut [u8],
        deviations: &mut [u8],
    ) {
        dispatch!(self, features(sums, squares, log, means, deviations));
    }

    /// In single precision a variance can be wrong by 2 * 255^2 / 2^23 = 0.0155. A deviation near zero is wrong by the
    /// root of that.
    pub(crate) const DEVIATION_ERROR: f64 = 0.125;

    /// Sums up the squared differences of the first stage at `count` places and keeps the places whose sum is not above
    /// the threshold. Does the same for the next stage, unless too few places of a step are left for it.
    pub(crate) fn scan(self, stages: &[Stage<'_>], count: usize, out: &mut Vec<Survivor>) {
        dispatch!(self, scan(stages, count, out));
    }
}
