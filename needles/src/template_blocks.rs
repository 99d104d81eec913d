use crate::block_size::BlockSize;
use crate::kernel::{Block, Kernel};
use crate::planes::LATTICE;
use crate::template::Levels;

/// A coarse look needs so many blocks at least. The largest blocks that are so many cost least.
const COARSE_BLOCKS: usize = 10;

/// A fine look takes at most so many. The smallest blocks that aren't more tell most.
const FINE_BLOCKS: usize = 1500;

/// Blocks of a template for every way it can lie on the frame's lattice.
#[derive(Debug)]
pub(crate) struct TemplateBlocks {
    /// By the offset in the template of the first lattice point that lies on it: `y * LATTICE + x`.
    pub(crate) alignments: [Vec<SizedBlocks>; LATTICE * LATTICE],
}

/// Blocks of one size.
#[derive(Debug)]
pub(crate) struct SizedBlocks {
    pub(crate) size: BlockSize,
    /// Lattice rows they lie in: those of the first block to those of the last.
    pub(crate) rows: usize,
    /// Their `row` is `(lattice row * channels + channel) * 2`, one more for deviations; both coordinates count from the first
    /// lattice point. The most telling come first.
    pub(crate) blocks: Vec<Block>,
    /// With fewer of a step's places left, summing these up costs less than looking at the blocks.
    pub(crate) worth: u32,
}

impl TemplateBlocks {
    pub(crate) fn of(levels: &Levels, channels: usize, width: usize, height: usize) -> Self {
        let tables: Vec<Table> = (0..channels)
            .map(|channel| Table::of(levels, channel, channels, width, height))
            .collect();
        let sizes = sizes(channels, width, height);
        Self {
            alignments: std::array::from_fn(|alignment| {
                let first = (alignment % LATTICE, alignment / LATTICE);
                let of_size = |&size| SizedBlocks::of(&tables, size, first, width, height);
                sizes.iter().filter_map(of_size).collect()
            }),
        }
    }

    /// The bytes that the blocks of a template of this size take.
    pub(crate) fn memory(channels: usize, width: usize, height: usize) -> usize {
        let blocks = |size: &BlockSize| count(*size, channels, width, height) * 2;
        let all: usize = sizes(channels, width, height).iter().map(blocks).sum();
        all * size_of::<Block>() * LATTICE * LATTICE
    }
}

/// Blocks that fit however the template lies.
fn count(size: BlockSize, channels: usize, width: usize, height: usize) -> usize {
    let fit = |length: usize| length.saturating_sub(LATTICE - 1) / size.side();
    fit(width) * fit(height) * channels
}

/// The sizes that are looked at, the largest first.
fn sizes(channels: usize, width: usize, height: usize) -> Vec<BlockSize> {
    let count = |size: BlockSize| count(size, channels, width, height);
    let usable = || BlockSize::ALL.into_iter().filter(|&size| count(size) > 0);
    let coarse = usable().rev().find(|&size| count(size) >= COARSE_BLOCKS);
    let fine = usable().find(|&size| count(size) <= FINE_BLOCKS);
    let coarse = coarse.or(usable().next());
    let fine = fine.or(usable().next_back());
    let (Some(coarse), Some(fine)) = (coarse, fine) else {
        return Vec::new();
    };
    let between = |size: &BlockSize| (fine.min(coarse)..=coarse).contains(size);
    usable().rev().filter(between).collect()
}

impl SizedBlocks {
    fn of(
        tables: &[Table],
        size: BlockSize,
        (left, top): (usize, usize),
        width: usize,
        height: usize,
    ) -> Option<Self> {
        let side = size.side();
        let fit = |length: usize, first: usize| length.saturating_sub(first) / side;
        let (across, down) = (fit(width, left), fit(height, top));
        if across * down == 0 {
            return None;
        }
        let (mut means, mut deviations) = (Vec::new(), Vec::new());
        for (channel, table) in tables.iter().enumerate() {
            for (j, i) in (0..down).flat_map(|j| (0..across).map(move |i| (j, i))) {
                let (row, x) = (j * side / LATTICE, i * side / LATTICE);
                let row = (row * tables.len() + channel) * 2;
                let (sum, squares) = table.block(left + i * side, top + j * side, side);
                let pixels = 1_u32 << size.pixels_log();
                means.push(Block {
                    row: row as u16,
                    x: x as u16,
                    // The frame's means are rounded down, so the true ones may be up to one higher.
                    low: (sum.saturating_sub(pixels) / pixels) as u8,
                    high: sum.div_ceil(pixels) as u8,
                });
                let mean = f64::from(sum) / f64::from(pixels);
                let variance = f64::from(squares) / f64::from(pixels) - mean * mean;
                let deviation = variance.max(0.0).sqrt();
                // The frame's deviations are rounded to the nearest, and a little wrong.
                let rounding = 0.5 + Kernel::DEVIATION_ERROR;
                deviations.push(Block {
                    row: row as u16 + 1,
                    x: x as u16,
                    low: (deviation - rounding).max(0.0) as u8,
                    high: (deviation + rounding).ceil() as u8,
                });
            }
        }
        let (means, deviations) = (extremes_first(means), extremes_first(deviations));
        let worth = 16 * means.len() * 2 / (width * height * tables.len());
        let pairs = means.into_iter().zip(deviations);
        Some(Self {
            size,
            worth: worth.max(1) as u32,
            rows: (down - 1) * side / LATTICE + 1,
            blocks: pairs
                .flat_map(|(mean, deviation)| [mean, deviation])
                .collect(),
        })
    }
}

/// The greatest, the least, the second greatest and so on: a wrong place is unlikely to have both.
fn extremes_first(blocks: Vec<Block>) -> Vec<Block> {
    // Sorted by counting: there are up to a hundred thousand, of 256 values.
    let mut next = [0_usize; 257];
    blocks
        .iter()
        .for_each(|block| next[usize::from(block.high) + 1] += 1);
    for value in 1..next.len() {
        next[value] += next[value - 1];
    }
    let mut ordered = blocks.clone();
    let half = blocks.len() / 2;
    for block in blocks {
        let rank = &mut next[usize::from(block.high)];
        // The upper half goes to the even places from its end, the lower to the odd ones.
        let place = if *rank < half {
            2 * *rank + 1
        } else {
            2 * (ordered.len() - 1 - *rank)
        };
        ordered[place] = block;
        *rank += 1;
    }
    ordered
}

/// Sums over all that is left of and above each pixel ("integral images"), for levels and their squares.
struct Table {
    stride: usize,
    /// They wrap around; the difference for a block of up to 64x64 is right all the same.
    sums: Vec<(u32, u32)>,
}

impl Table {
    fn of(levels: &Levels, channel: usize, channels: usize, width: usize, height: usize) -> Self {
        let mut order = vec![0; height * channels];
        for (place, &row) in levels.rows.iter().enumerate() {
            order[row as usize] = place;
        }
        let stride = width + 1;
        let mut sums = vec![(0_u32, 0_u32); stride * (height + 1)];
        for y in 0..height {
            let place = order[y * channels + channel];
            let row = &levels.levels[place * width..(place + 1) * width];
            let (above, below) = sums[y * stride..(y + 2) * stride].split_at_mut(stride);
            let (mut sum, mut squares) = (0_u32, 0_u32);
            for ((level, above), below) in row.iter().zip(&above[1..]).zip(&mut below[1..]) {
                let level = u32::from(*level);
                sum = sum.wrapping_add(level);
                squares = squares.wrapping_add(level * level);
                *below = (above.0.wrapping_add(sum), above.1.wrapping_add(squares));
            }
        }
        Self { stride, sums }
    }

    /// The sum of the levels of a square and that of their squares.
    fn block(&self, x: usize, y: usize, side: usize) -> (u32, u32) {
        let at = |x: usize, y: usize| self.sums[y * self.stride + x];
        let corners = [
            at(x, y),
            at(x + side, y),
            at(x, y + side),
            at(x + side, y + side),
        ];
        let between = |part: fn((u32, u32)) -> u32| {
            let [a, b, c, d] = corners.map(part);
            d.wrapping_sub(b).wrapping_sub(c).wrapping_add(a)
        };
        (between(|sums| sums.0), between(|sums| sums.1))
    }
}
