#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::features::{Grid, Stage, Survivor};
#[cfg(target_arch = "aarch64")]
use super::neon;
use super::plain;
use super::strips::{Square, Strips};

/// Which version of the loops runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernel {
    /// For any processor.
    Plain,
    /// For x86-64 with AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Avx2),
    /// For 64-bit ARM, which always has it.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

/// Calls the version of a loop.
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
    /// The fastest that this processor has.
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

    /// The sum of squared differences of a template's strips and a frame, unless it is above the bound.
    ///
    /// Row `i` of the template lies on `frame[i][x..]`. At most 2^20 samples, 8192 in a strip.
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

    /// The sum of squared differences of a square and a frame; of `template` the order says nothing here.
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

    /// Gray levels of `rgb`, one for three bytes.
    pub(crate) fn gray(self, rgb: &[u8], out: &mut [u8]) {
        dispatch!(self, gray(rgb, out));
    }

    /// One blurred row. The three rows have a neighbour more at each end than `out`.
    pub(crate) fn blur(self, rows: [&[u8]; 3], out: &mut [u8]) {
        dispatch!(self, blur(rows, out));
    }

    /// The sums, and the sums of squares, of the levels in blocks of 4x4 that lie side by side.
    ///
    /// The rows have at least four times as many levels as there are blocks.
    pub(crate) fn cells(self, rows: [&[u8]; 4], sums: &mut [u32], squares: &mut [u32]) {
        dispatch!(self, cells(rows, sums, squares));
    }

    /// The sums of four numbers each: one from each number of a row on, the one `step` further, and the two below
    /// these.
    ///
    /// The rows have `step` numbers more than `out`.
    pub(crate) fn add_fours(self, above: &[u32], below: &[u32], step: usize, out: &mut [u32]) {
        dispatch!(self, add_fours(above, below, step, out));
    }

    /// Adds up the squares of how far a frame's features are from what a template's must be.
    pub(crate) fn squares_outside(self, grid: Grid<'_>) -> u64 {
        dispatch!(self, squares_outside(grid))
    }

    /// Adds a row's levels and their squares to the sums of their columns, which wrap around.
    pub(crate) fn add_columns(self, levels: &[u8], sums: &mut [u32], squares: &mut [u32]) {
        dispatch!(self, add_columns(levels, sums, squares));
    }

    /// From sums and sums of squares over `1 << log` levels, at most 2^10: the means, rounded down, and the standard
    /// deviations, rounded to the nearest; rounding in between makes these wrong by at most
    /// [`Self::DEVIATION_ERROR`] more.
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

    /// Single precision leaves a variance wrong by up to 2 * 255^2 / 2^23 = 0.0155, so a deviation near zero by its
    /// root.
    pub(crate) const DEVIATION_ERROR: f64 = 0.125;

    /// Adds up at each of `count` places the first stage's squared differences between template and frame, keeps the
    /// places where the sum is not above its threshold, and does so with the next stage, unless fewer of a step's
    /// places are left than that is worth.
    pub(crate) fn scan(self, stages: &[Stage<'_>], count: usize, out: &mut Vec<Survivor>) {
        dispatch!(self, scan(stages, count, out));
    }
}
