//! The inner loops, each written once plainly and compiled or written again for what the processor has.
//!
//! All versions give the same numbers; the tests compare them on random input.

mod plain;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;

/// Parts of a template's rows, all of one width, for [`Kernel::ssd_within`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strips<'a> {
    /// The template's rows, one after another.
    pub(crate) levels: &'a [u8],
    /// Levels from row to row.
    pub(crate) stride: usize,
    /// Levels in each strip.
    pub(crate) width: usize,
    /// Where they are, in the order in which they are summed up.
    pub(crate) order: &'a [Strip],
}

/// Where a strip begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strip {
    pub(crate) row: u32,
    pub(crate) x: u32,
}

impl<'a> Strips<'a> {
    /// The strips, each beside what it lies on; `x` is where on the frame's rows the template begins.
    #[inline(always)]
    fn beside(self, frame: &'a [&'a [u8]], x: usize) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.order.iter().map(move |strip| {
            let (row, at) = (strip.row as usize, strip.x as usize);
            let start = row * self.stride + at;
            (
                &self.levels[start..start + self.width],
                &frame[row][x + at..x + at + self.width],
            )
        })
    }
}

/// A square of a template's pixels in one channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Square {
    /// Pixels in a row: 4, 8, 16 or 32.
    pub(crate) side: usize,
    /// The first of its rows.
    pub(crate) row: usize,
    /// Its first column.
    pub(crate) x: usize,
    /// From one of its rows to the next: the number of channels.
    pub(crate) step: usize,
}

impl Square {
    /// One of its rows beside what it lies on, where a row has so many pixels; none where it isn't wholly on both.
    #[inline(always)]
    fn row<'a, const SIDE: usize>(
        self,
        template: Strips<'a>,
        frame: &[&'a [u8]],
        x: usize,
        row: usize,
    ) -> Option<(&'a [u8; SIDE], &'a [u8; SIDE])> {
        let row = self.row + row * self.step;
        let levels = template.levels.get(row * template.stride + self.x..)?;
        let frame = frame.get(row)?.get(x + self.x..)?;
        Some((levels.first_chunk()?, frame.first_chunk()?))
    }
}

/// One feature (mean or deviation) of one block of a template for [`Kernel::scan`]: where it lies, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Which of the rows handed to the scan holds the frame's feature of this block.
    pub(crate) row: u16,
    /// Columns from the place to the block.
    pub(crate) x: u16,
    /// A frame's feature that was rounded to `w` is at least `low - w` away.
    pub(crate) low: u8,
    /// A frame's feature that was rounded to `w` is at least `w - high` away.
    pub(crate) high: u8,
}

/// One feature of a template's blocks beside the frame's at one place, for [`Kernel::squares_outside`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid<'a> {
    /// Blocks in a row.
    pub(crate) across: usize,
    /// A frame's feature is at least `low - feature` away; one row after another, and [`SCAN_STEP`] bytes more.
    pub(crate) low: &'a [u8],
    /// A frame's feature is at least `feature - high` away; laid out as `low`.
    pub(crate) high: &'a [u8],
    /// The frame's features from the first block's on, those of a row side by side, and [`SCAN_STEP`] bytes more.
    pub(crate) frame: &'a [u8],
    /// From row to row in the frame's features.
    pub(crate) stride: usize,
    /// Rows of blocks.
    pub(crate) rows: usize,
}

/// Blocks of one size, for [`Kernel::scan`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) blocks: &'a [Block],
    /// `rows[block.row][x + block.x + column]` is the frame's feature of a block at a place.
    pub(crate) rows: &'a [&'a [u8]],
    /// The first place's column in the rows.
    pub(crate) x: usize,
    /// Each square is shifted right by so much before it is added up.
    pub(crate) shift: u32,
    /// With fewer places left of a step, this stage is not looked at; the first always is.
    pub(crate) worth: u32,
    /// The greatest sum at which a place is kept; below `u16::MAX`, which stands for all that is more.
    pub(crate) threshold: u16,
}

/// A place that a scan could not rule out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Survivor {
    /// Its column, counted from the first place of the row.
    pub(crate) column: u32,
    /// The last stage that looked at it.
    pub(crate) stage: u32,
    /// What that stage's squares came to.
    pub(crate) sum: u16,
}

/// Places that one step of a scan looks at together; rows of features must go on for so many bytes behind their end.
pub(crate) const SCAN_STEP: usize = 32;

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

#[cfg(test)]
mod tests;
