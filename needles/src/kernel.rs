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
    /// Pixels in a row: 4, 8 or a multiple of 16 up to 64.
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

    /// The sums of four numbers each: one from each number of a row on, the one `step` further, and the two below these.
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

    /// From sums and sums of squares over `1 << log` levels, at most 2^12: the means, rounded down, and the standard deviations,
    /// rounded to the nearest; rounding in between makes these wrong by at most [`Self::DEVIATION_ERROR`] more.
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

    /// Single precision leaves a variance wrong by up to 2 * 255^2 / 2^23 = 0.0155, so a deviation near zero by its root.
    pub(crate) const DEVIATION_ERROR: f64 = 0.125;

    /// Adds up at each of `count` places the first stage's squared differences between template and frame, keeps the places
    /// where the sum is not above its threshold, and does so with the next stage, unless fewer of a step's places are left than that is worth.
    pub(crate) fn scan(self, stages: &[Stage<'_>], count: usize, out: &mut Vec<Survivor>) {
        dispatch!(self, scan(stages, count, out));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The sums of a white block of 64x64 are the greatest of all, and its deviation is nothing.
    #[test]
    fn features_of_the_largest_white_blocks_do_not_overflow() {
        for kernel in [Kernel::detect(), Kernel::Plain] {
            let (mut means, mut deviations) = ([0; 9], [9; 9]);
            let (sums, squares) = ([4096 * 255; 9], [4096 * 255 * 255; 9]);
            kernel.features(&sums, &squares, 12, &mut means, &mut deviations);
            assert_eq!((means, deviations), ([255; 9], [0; 9]), "{kernel:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sums_of_squares_agree(
            rows in 1_usize..6, width in 1_usize..130, seed in any::<u8>(), extreme in any::<bool>(),
            x in 0_usize..3, skipped in 0_usize..20, bound in prop_oneof![Just(u64::MAX), 0_u64..100_000],
        ) {
            let level = |i: usize| if extreme { (i % 2 * 255) as u8 } else { (i * 7) as u8 ^ seed };
            let template: Vec<u8> = (0..rows * width).map(level).collect();
            let frame: Vec<Vec<u8>> = (0..rows).map(|y| (0..width + 5).map(|x| level(x * 3 + y + 1)).collect()).collect();
            let frame: Vec<&[u8]> = frame.iter().map(Vec::as_slice).collect();
            let width_of = width - skipped.min(width - 1);
            let skipped = width - width_of;
            let order: Vec<Strip> = (0..rows as u32).rev().map(|row| Strip { row, x: skipped as u32 }).collect();
            let ssd: u64 = template.chunks(width).zip(&frame).map(|(row, frame)| {
                row.iter().zip(&frame[x..]).skip(skipped).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>()
            }).sum();
            let strips = Strips { levels: &template, stride: width, width: width_of, order: &order };
            for kernel in [Kernel::detect(), Kernel::Plain] {
                let found = kernel.ssd_within(strips, &frame, x, bound);
                prop_assert_eq!(found, (ssd <= bound).then_some(ssd));
            }
        }

        #[test]
        fn sums_over_squares_agree(
            side in proptest::sample::select(vec![4_usize, 8, 16, 32, 64]), step in 1_usize..4, row in 0_usize..5,
            at in 0_usize..9, x in 0_usize..9, seed in any::<u8>(), extreme in any::<bool>(),
        ) {
            let (width, height) = (side + 9, row + side * step);
            let level = |i: usize| if extreme { (i % 2 * 255) as u8 } else { (i * 7 + i / 50) as u8 ^ seed };
            let template: Vec<u8> = (0..height * width).map(level).collect();
            let frame: Vec<Vec<u8>> = (0..height).map(|y| (0..width + 9).map(|x| level(x * 3 + y + 1)).collect()).collect();
            let frame: Vec<&[u8]> = frame.iter().map(Vec::as_slice).collect();
            let ssd: u64 = (0..side).map(|y| {
                let y = row + y * step;
                let (a, b) = (&template[y * width + at..][..side], &frame[y][x + at..][..side]);
                a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>()
            }).sum();
            let template = Strips { levels: &template, stride: width, width, order: &[] };
            for kernel in [Kernel::detect(), Kernel::Plain] {
                let square = Square { side, row, x: at, step };
                prop_assert_eq!(kernel.square_ssd(template, square, &frame, x), ssd);
            }
        }

        #[test]
        fn grays_agree(rgb in proptest::collection::vec(any::<[u8; 3]>(), 0..120)) {
            let rgb = rgb.concat();
            let (mut fast, mut plain) = (vec![0; rgb.len() / 3], vec![0; rgb.len() / 3]);
            Kernel::detect().gray(&rgb, &mut fast);
            Kernel::Plain.gray(&rgb, &mut plain);
            prop_assert_eq!(fast, plain);
        }

        #[test]
        fn blurs_agree(rows in proptest::collection::vec(any::<[u8; 3]>(), 3..150)) {
            let row = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<u8>>();
            let (a, b, c) = (row(0), row(1), row(2));
            let (mut fast, mut plain) = (vec![0; rows.len() - 2], vec![0; rows.len() - 2]);
            Kernel::detect().blur([&a, &b, &c], &mut fast);
            Kernel::Plain.blur([&a, &b, &c], &mut plain);
            prop_assert_eq!(fast, plain);
        }

        #[test]
        fn cells_and_features_agree_with_the_definition(
            rows in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 130), 4), narrow in any::<bool>(),
        ) {
            let rows: Vec<Vec<u8>> = rows.into_iter().map(|row| row.into_iter().map(|level| if narrow { level / 64 + 190 } else { level }).collect()).collect();
            let lines = [0, 1, 2, 3].map(|row: usize| rows[row].as_slice());
            let mut all = Vec::new();
            for kernel in [Kernel::detect(), Kernel::Plain] {
                let (mut sums, mut squares) = ([0; 32], [0; 32]);
                kernel.cells(lines, &mut sums, &mut squares);
                let (mut means, mut deviations) = ([0; 32], [0; 32]);
                kernel.features(&sums, &squares, 4, &mut means, &mut deviations);
                for x in 0..32 {
                    let levels: Vec<f64> = rows.iter().flat_map(|row| &row[x * 4..x * 4 + 4]).map(|level| f64::from(*level)).collect();
                    let mean = levels.iter().sum::<f64>() / 16.0;
                    let variance = levels.iter().map(|level| (level - mean).powi(2)).sum::<f64>() / 16.0;
                    prop_assert_eq!(f64::from(means[x]), mean.floor());
                    prop_assert!((f64::from(deviations[x]) - variance.sqrt()).abs() <= 0.5 + Kernel::DEVIATION_ERROR);
                }
                all.push((sums, squares, means, deviations));
            }
            prop_assert_eq!(&all[0], &all[1]);
        }

        #[test]
        fn sums_of_four_agree_with_the_definition(
            rows in proptest::collection::vec(any::<[u16; 2]>(), 17..60), step in 1_usize..17,
        ) {
            let row = |i: usize| rows.iter().map(|row| u32::from(row[i]) * 4000).collect::<Vec<u32>>();
            let (above, below) = (row(0), row(1));
            for kernel in [Kernel::detect(), Kernel::Plain] {
                let mut out = vec![0; rows.len() - step];
                kernel.add_fours(&above, &below, step, &mut out);
                for (x, sum) in out.iter().enumerate() {
                    prop_assert_eq!(*sum, above[x] + above[x + step] + below[x] + below[x + step]);
                }
            }
        }

        #[test]
        fn squares_outside_agree_with_the_definition(
            levels in proptest::collection::vec(any::<u8>(), 400), blocks in proptest::collection::vec((any::<u8>(), 0_u8..3), 200),
            across in 1_usize..70, rows in 1_usize..4, at in 0_usize..9, extreme in any::<bool>(),
        ) {
            let rows = rows.min(160 / across);
            prop_assume!(rows > 0);
            let stride = 120;
            let levels: Vec<u8> = levels.iter().map(|level| if extreme { level / 128 * 255 } else { *level }).collect();
            let (low, high): (Vec<u8>, Vec<u8>) = blocks.iter().map(|(low, gap)| (*low, low.saturating_add(*gap))).unzip();
            let away = |row: usize, x: usize| {
                let level = levels[at + row * stride + x];
                let block = row * across + x;
                u64::from(level.saturating_sub(high[block]).max(low[block].saturating_sub(level)))
            };
            let places = (0..rows).flat_map(|row| (0..across).map(move |x| (row, x)));
            let expected: u64 = places.map(|(row, x)| away(row, x).pow(2)).sum();
            let grid = Grid { across, low: &low, high: &high, frame: &levels[at..], stride, rows };
            for kernel in [Kernel::detect(), Kernel::Plain] {
                prop_assert_eq!(kernel.squares_outside(grid), expected);
            }
        }

        #[test]
        fn scans_agree_with_the_definition(
            levels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 150), 4),
            first in stage(), second in stage(), count in 1_usize..70,
        ) {
            let rows: Vec<&[u8]> = levels.iter().map(Vec::as_slice).collect();
            let sum = |stage: &(Vec<Block>, u32, u16), column: usize| stage.0.iter().fold(0_u16, |sum, block| {
                let level = rows[block.row as usize][block.x as usize + column];
                let away = u16::from(level.saturating_sub(block.high).max(block.low.saturating_sub(level)));
                sum.saturating_add((away * away) >> stage.1)
            });
            let mut expected = Vec::new();
            for step in (0..count).step_by(SCAN_STEP) {
                let first_left = (step..count.min(step + SCAN_STEP)).filter(|&column| sum(&first, column) <= first.2);
                let left: Vec<usize> = first_left.collect();
                for column in left.iter().copied() {
                    let column_u32 = column as u32;
                    if left.len() < 4 {
                        expected.push(Survivor { column: column_u32, stage: 0, sum: sum(&first, column) });
                    } else if sum(&second, column) <= second.2 {
                        expected.push(Survivor { column: column_u32, stage: 1, sum: sum(&second, column) });
                    }
                }
            }
            let stages = [&first, &second].map(|(blocks, shift, threshold)| Stage { blocks, rows: &rows, x: 0, worth: 4, shift: *shift, threshold: *threshold });
            for kernel in [Kernel::detect(), Kernel::Plain] {
                let mut found = Vec::new();
                kernel.scan(&stages, count, &mut found);
                prop_assert_eq!(&found, &expected);
            }
        }
    }

    fn stage() -> impl Strategy<Value = (Vec<Block>, u32, u16)> {
        let block =
            (0_u16..4, 0_u16..40, any::<u8>(), 0_u8..3).prop_map(|(row, x, low, gap)| Block {
                row,
                x,
                low,
                high: low.saturating_add(gap),
            });
        (
            proptest::collection::vec(block, 1..20),
            0_u32..5,
            0..u16::MAX,
        )
    }
}
