//! The inner loops, each written once plainly and compiled or written again for what the processor has.
//!
//! All versions give the same numbers; the tests compare them on random input.

mod plain;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;

/// One block of a template for [`Kernel::scan`]: where it lies and between which levels its mean does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Which of the rows handed to the scan holds the frame's means of this block.
    pub(crate) row: u32,
    /// Columns from the place to the block.
    pub(crate) x: u32,
    /// The mean rounded down, less one: a frame's mean rounded down to `w` is at least `low - w` away from it.
    pub(crate) low: u8,
    /// The mean rounded up: a frame's mean rounded down to `w` is at least `w - high` away from it.
    pub(crate) high: u8,
}

/// A place that a scan could not rule out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Survivor {
    /// Its column, counted from the first place of the row.
    pub(crate) column: u32,
    /// What the blocks' differences come to at least, in the scan's units.
    pub(crate) sum: u16,
}

/// Places that one step of a scan looks at together; rows of means must go on for so many bytes behind their end.
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

    /// The sum of squared differences of two rows of the same length, at most 8192.
    #[inline]
    pub(crate) fn ssd(self, a: &[u8], b: &[u8]) -> u32 {
        dispatch!(self, ssd(a, b))
    }

    /// Gray levels of `rgb`, one for three bytes.
    pub(crate) fn gray(self, rgb: &[u8], out: &mut [u8]) {
        dispatch!(self, gray(rgb, out));
    }

    /// One blurred row. The three rows have a neighbour more at each end than `out`.
    pub(crate) fn blur(self, rows: [&[u8]; 3], out: &mut [u8]) {
        dispatch!(self, blur(rows, out));
    }

    /// The sums of `size` levels side by side, beginning at each column that has them. `size` is a power of two, 4 to 64.
    pub(crate) fn row_sums(self, levels: &[u8], size: usize, out: &mut [u16]) {
        dispatch!(self, row_sums(levels, size, out));
    }

    /// Moves column sums down one row: adds the row that comes in, takes off the one that goes out.
    pub(crate) fn slide(self, sums: &mut [u32], incoming: &[u16], outgoing: &[u16]) {
        dispatch!(self, slide(sums, incoming, outgoing));
    }

    /// The sums divided by `1 << shift`, rounded down.
    pub(crate) fn means(self, sums: &[u32], shift: u32, out: &mut [u8]) {
        dispatch!(self, means(sums, shift, out));
    }

    /// Adds up at each of `count` places the blocks' squared differences from the frame's means, each shifted right by `shift`,
    /// and keeps the places where the sum is not above `threshold`.
    ///
    /// `rows[block.row][block.x + column]` is the frame's mean of a block at a place.
    pub(crate) fn scan(
        self,
        blocks: &[Block],
        rows: &[&[u8]],
        count: usize,
        (shift, threshold): (u32, u16),
        out: &mut Vec<Survivor>,
    ) {
        dispatch!(self, scan(blocks, rows, count, (shift, threshold), out));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_of_squares_agree(a in proptest::collection::vec(any::<u8>(), 0..300), seed in any::<u8>(), extreme in any::<bool>()) {
            let b: Vec<u8> = a.iter().enumerate().map(|(i, a)| if extreme { if *a > 127 { 0 } else { 255 } } else { a.wrapping_mul(seed).wrapping_add(i as u8) }).collect();
            prop_assert_eq!(Kernel::detect().ssd(&a, &b), Kernel::Plain.ssd(&a, &b));
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
        fn means_agree(levels in proptest::collection::vec(any::<u8>(), 64..200), log in 2_u32..7) {
            let size = 1 << log;
            let count = levels.len() + 1 - size;
            let naive: Vec<u16> = levels.windows(size).map(|w| w.iter().map(|l| u16::from(*l)).sum()).collect();
            let mut means = Vec::new();
            for kernel in [Kernel::detect(), Kernel::Plain] {
                let mut sums = vec![0; levels.len()];
                kernel.row_sums(&levels, size, &mut sums);
                prop_assert_eq!(&sums[..count], &naive[..]);
                let mut columns = vec![7 * 64 * 255; count];
                let none = vec![5; count];
                kernel.slide(&mut columns, &sums[..count], &none);
                let expected: Vec<u32> = naive.iter().map(|sum| 7 * 64 * 255 + u32::from(*sum) - 5).collect();
                prop_assert_eq!(&columns, &expected);
                let mut out = vec![0; count];
                kernel.means(&columns, 12, &mut out);
                means.push(out);
            }
            prop_assert_eq!(&means[0], &means[1]);
        }

        #[test]
        fn scans_agree_with_the_definition(
            levels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 150), 4),
            blocks in proptest::collection::vec((0_u32..4, 0_u32..40, any::<u8>(), 0_u8..3), 1..20),
            count in 1_usize..70, shift in 0_u32..5, threshold in any::<u16>(),
        ) {
            let blocks: Vec<Block> = blocks.iter().map(|&(row, x, low, gap)| Block { row, x, low, high: low.saturating_add(gap) }).collect();
            let rows: Vec<&[u8]> = levels.iter().map(Vec::as_slice).collect();
            let definition = |column: usize| blocks.iter().fold(0_u16, |sum, block| {
                let level = rows[block.row as usize][block.x as usize + column];
                let away = u16::from(level.saturating_sub(block.high).max(block.low.saturating_sub(level)));
                sum.saturating_add(away * away >> shift)
            });
            let expected: Vec<Survivor> = (0..count).map(|column| Survivor { column: column as u32, sum: definition(column) })
                .filter(|survivor| survivor.sum <= threshold).collect();
            for kernel in [Kernel::detect(), Kernel::Plain] {
                let mut found = Vec::new();
                kernel.scan(&blocks, &rows, count, (shift, threshold), &mut found);
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
