use std::sync::OnceLock;

use crate::block_size::BlockSize;
use crate::kernel::{Block, Kernel};
use crate::planes::LATTICE;
use crate::template::Levels;

/// A coarse look needs so many blocks at least. The largest blocks that are so many cost least.
const COARSE_BLOCKS: usize = 10;

/// A fine look takes at most so many. The smallest blocks that aren't more tell most.
const FINE_BLOCKS: usize = 1500;

/// The ways in which a template can lie on the frame's lattice.
const ALIGNMENTS: usize = LATTICE * LATTICE;

/// Blocks of a template for every way it can lie on the frame's lattice, those of a size made when first needed.
#[derive(Debug)]
pub(crate) struct TemplateBlocks {
    channels: usize,
    width: usize,
    height: usize,
    /// The sizes that are looked at, the largest first.
    sizes: Vec<(BlockSize, OnceLock<SizedBlocks>)>,
    /// One a channel, fit for all sizes.
    tables: OnceLock<Vec<Table>>,
}

/// Blocks of one size.
///
/// Each `row` is `(lattice row * channels + channel) * 2`, one more for deviations; both coordinates count from the first lattice
/// point. The most telling come first.
#[derive(Debug)]
pub(crate) struct SizedBlocks {
    pub(crate) size: BlockSize,
    /// Lattice rows they lie in: those of the first block to those of the last.
    pub(crate) rows: usize,
    /// By the offset in the template of the first lattice point that lies on it: `y * LATTICE + x`.
    pub(crate) alignments: [Vec<Block>; ALIGNMENTS],
    /// What holds of every alignment: from the least `low` to the greatest `high` of the sixteen.
    pub(crate) group: Vec<Block>,
    /// With fewer of a step's places left, summing these up costs less than looking at the blocks.
    pub(crate) worth: u32,
}

impl TemplateBlocks {
    pub(crate) fn new(channels: usize, width: usize, height: usize) -> Self {
        let sizes = sizes(channels, width, height);
        Self {
            channels,
            width,
            height,
            sizes: sizes
                .into_iter()
                .map(|size| (size, OnceLock::new()))
                .collect(),
            tables: OnceLock::new(),
        }
    }

    /// The sizes that are looked at, the largest first.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = BlockSize> {
        self.sizes.iter().map(|(size, _)| *size)
    }

    /// The blocks of the size at this place of [`Self::sizes`].
    pub(crate) fn of_size(&self, index: usize, levels: &Levels) -> &SizedBlocks {
        let (size, blocks) = &self.sizes[index];
        blocks.get_or_init(|| {
            let finest = self.sizes.last().map_or(*size, |(finest, _)| *finest);
            let tables = self.tables.get_or_init(|| {
                let table = |channel| {
                    let size = (self.width, self.height);
                    Table::of(levels, (channel, self.channels), size, finest.side())
                };
                (0..self.channels).map(table).collect()
            });
            SizedBlocks::of(tables, *size, self.width, self.height)
        })
    }

    /// The bytes that the blocks of a template of this size take.
    pub(crate) fn memory(channels: usize, width: usize, height: usize) -> usize {
        let blocks = |size: &BlockSize| count(*size, channels, width, height) * 2;
        let sizes = sizes(channels, width, height);
        let all: usize = sizes.iter().map(blocks).sum();
        let table = |finest: &BlockSize| Table::numbers(width, height, finest.side()) * channels;
        all * size_of::<Block>() * (ALIGNMENTS + 1)
            + sizes.last().map_or(0, table) * size_of::<(u32, u32)>()
    }
}

/// How many blocks fit side by side into a length, however the template lies.
fn fit(size: BlockSize, length: usize) -> usize {
    length.saturating_sub(LATTICE - 1) / size.side()
}

/// Blocks that fit however the template lies.
fn count(size: BlockSize, channels: usize, width: usize, height: usize) -> usize {
    fit(size, width) * fit(size, height) * channels
}

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
    fn of(tables: &[Table], size: BlockSize, width: usize, height: usize) -> Self {
        let side = size.side();
        let (across, down) = (fit(size, width), fit(size, height));
        let channels = tables.len();
        let mut sums = Vec::with_capacity(across * down);
        let alignments: [[Vec<Block>; 2]; ALIGNMENTS] = std::array::from_fn(|alignment| {
            let (left, top) = (alignment % LATTICE, alignment / LATTICE);
            let mut blocks = [(); 2].map(|()| Vec::with_capacity(across * down * channels));
            for (channel, table) in tables.iter().enumerate() {
                sums.clear();
                for j in 0..down {
                    sums.extend(table.blocks((left, top + j * side), side, across));
                }
                for (index, &sums) in sums.iter().enumerate() {
                    let (j, i) = (index / across, index % across);
                    let row = (j * side / LATTICE * channels + channel) * 2;
                    let x = (i * side / LATTICE) as u16;
                    let block = |row: usize, (low, high): (u8, u8)| Block {
                        row: row as u16,
                        x,
                        low,
                        high,
                    };
                    let [mean, deviation] = features(sums, size);
                    blocks[0].push(block(row, mean));
                    blocks[1].push(block(row + 1, deviation));
                }
            }
            blocks
        });
        let merged = |feature: usize, index: usize| {
            let blocks = alignments.iter().map(|blocks| blocks[feature][index]);
            blocks.reduce(|a, b| Block {
                low: a.low.min(b.low),
                high: a.high.max(b.high),
                ..a
            })
        };
        let count = across * down * channels;
        let groups = [0, 1].map(|feature| -> Vec<Block> {
            (0..count)
                .filter_map(|index| merged(feature, index))
                .collect()
        });
        let orders = groups.each_ref().map(|blocks| extremes_first(blocks));
        let ordered = |features: &[Vec<Block>; 2]| -> Vec<Block> {
            let pairs = orders[0].iter().zip(&orders[1]);
            pairs
                .flat_map(|(&mean, &deviation)| [features[0][mean], features[1][deviation]])
                .collect()
        };
        let worth = 40 * count * 2 / (width * height * channels);
        Self {
            size,
            rows: (down - 1) * side / LATTICE + 1,
            group: ordered(&groups),
            alignments: alignments.each_ref().map(ordered),
            worth: worth.max(1) as u32,
        }
    }
}

/// What a frame's mean and deviation must reach and must not exceed to be as near as can be, from the sums of levels and squares.
fn features((sum, squares): (u32, u32), size: BlockSize) -> [(u8, u8); 2] {
    let pixels = 1_u32 << size.pixels_log();
    // The frame's means are rounded down, so the true ones may be up to one higher.
    let mean = (
        (sum.saturating_sub(pixels) >> size.pixels_log()) as u8,
        sum.div_ceil(pixels) as u8,
    );
    let share = 1.0 / pixels as f32;
    let level = sum as f32 * share;
    let variance = squares as f32 * share - level * level;
    let deviation = variance.max(0.0).sqrt();
    // The frame's deviations are rounded to the nearest, and a little wrong, as this one is.
    let rounding = 0.5 + 2.0 * Kernel::DEVIATION_ERROR as f32;
    let low = (deviation - rounding).max(0.0) as u8;
    // At least what rounding up gives, but much faster.
    let high = ((deviation + rounding) as u8).saturating_add(1);
    [mean, (low, high)]
}

/// The order of the blocks: the surely greatest, the surely least, the second greatest and so on. A wrong place is unlikely to have both.
fn extremes_first(blocks: &[Block]) -> Vec<usize> {
    let greatest = sorted(blocks.iter().map(|block| u8::MAX - block.low));
    let least = sorted(blocks.iter().map(|block| block.high));
    let mut taken = vec![false; blocks.len()];
    let both = greatest.into_iter().zip(least);
    both.flat_map(|(greatest, least)| [greatest, least])
        .filter(|&index| !std::mem::replace(&mut taken[index], true))
        .collect()
}

/// Which numbers come first if they are sorted; by counting, since there are many of few values.
fn sorted(numbers: impl ExactSizeIterator<Item = u8> + Clone) -> Vec<usize> {
    let mut next = [0; 257];
    for number in numbers.clone() {
        next[usize::from(number) + 1] += 1;
    }
    for value in 1..next.len() {
        next[value] += next[value - 1];
    }
    let mut order = vec![0; numbers.len()];
    for (index, number) in numbers.enumerate() {
        let place = &mut next[usize::from(number)];
        order[*place] = index;
        *place += 1;
    }
    order
}

/// Sums over all that is left of and above each pixel ("integral images"), for levels and their squares, in those rows where blocks
/// of some size, or of a larger, begin or end.
#[derive(Debug)]
struct Table {
    /// Of the smallest blocks.
    finest: usize,
    stride: usize,
    /// They wrap around; the difference for a block of up to 64x64 is right all the same.
    sums: Vec<(u32, u32)>,
}

impl Table {
    fn of(
        levels: &Levels,
        (channel, channels): (usize, usize),
        (width, height): (usize, usize),
        finest: usize,
    ) -> Self {
        let mut sums = Vec::with_capacity(Self::numbers(width, height, finest));
        let (mut column_sums, mut column_squares) = (vec![0_u32; width], vec![0_u32; width]);
        for y in 0..=height {
            if y % finest < LATTICE {
                sums.push((0, 0));
                let columns = column_sums.iter().zip(&column_squares);
                sums.extend(columns.scan((0_u32, 0_u32), |total, (sum, squares)| {
                    *total = (total.0.wrapping_add(*sum), total.1.wrapping_add(*squares));
                    Some(*total)
                }));
            }
            if y < height {
                let place = (y * channels + channel) * width;
                let row = &levels.levels[place..place + width];
                Kernel::detect().add_columns(row, &mut column_sums, &mut column_squares);
            }
        }
        Self {
            finest,
            stride: width + 1,
            sums,
        }
    }

    /// How many it has at most.
    fn numbers(width: usize, height: usize, finest: usize) -> usize {
        (width + 1) * LATTICE * (height / finest + 1)
    }

    /// The sums of the levels of squares side by side and those of their squares. They begin in one of the rows that are kept.
    fn blocks(
        &self,
        (x, y): (usize, usize),
        side: usize,
        count: usize,
    ) -> impl Iterator<Item = (u32, u32)> {
        let corners = move |y: usize| {
            let row = y / self.finest * LATTICE + y % self.finest;
            let start = row * self.stride + x;
            self.sums[start..=start + count * side].iter().step_by(side)
        };
        let less = |a: &(u32, u32), b: &(u32, u32)| (a.0.wrapping_sub(b.0), a.1.wrapping_sub(b.1));
        let between = corners(y)
            .zip(corners(y + side))
            .map(move |(above, below)| less(below, above));
        let next = between.clone().skip(1);
        between
            .zip(next)
            .map(move |(left, right)| less(&right, &left))
    }
}
