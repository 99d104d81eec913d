use std::sync::OnceLock;

use crate::block_size::BlockSize;
use crate::kernel::{Block, Kernel, SCAN_STEP};
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
/// They are numbered from left to right, then down, then by channel.
#[derive(Debug)]
pub(crate) struct SizedBlocks {
    pub(crate) size: BlockSize,
    /// Blocks in a row.
    pub(crate) across: usize,
    /// Lattice rows they lie in: those of the first block to those of the last.
    pub(crate) rows: usize,
    /// With fewer of a step's places left, summing these up costs less than looking at the blocks.
    pub(crate) worth: u32,
    positions: Vec<Position>,
    /// By the offset in the template of the first lattice point that lies on it: `y * LATTICE + x`.
    alignments: [Ranges; ALIGNMENTS],
    /// What holds of every alignment: from the least `low` to the greatest `high` of the sixteen.
    group: Ranges,
    /// In which order features are looked at: twice a block's number, one more for its deviation. The
    /// most telling come first.
    order: Vec<u32>,
    ordered_group: OnceLock<Vec<Block>>,
    ordered_alignments: [OnceLock<Vec<Block>>; ALIGNMENTS],
}

/// Where a block lies, counted from the first lattice point on the template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// `(lattice row * channels + channel) * 2`: where a frame's means are; its deviations are one further.
    pub(crate) row: u16,
    /// In lattice columns.
    pub(crate) x: u16,
}

/// What a frame's features must reach and must not exceed to be as near as can be; a number a block.
#[derive(Clone, Debug)]
pub(crate) struct Ranges {
    /// Of the mean and of the deviation; [`SCAN_STEP`] bytes more than blocks.
    pub(crate) low: [Vec<u8>; 2],
    /// Of the mean and of the deviation; laid out as `low`.
    pub(crate) high: [Vec<u8>; 2],
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
        let blocks = |size: &BlockSize| count(*size, channels, width, height);
        let sizes = sizes(channels, width, height);
        let all: usize = sizes.iter().map(blocks).sum();
        let ordered = 2 * size_of::<Block>();
        let ranges = 4;
        let table = |finest: &BlockSize| Table::numbers(width, height, finest.side()) * channels;
        all * (ordered + ranges) * (ALIGNMENTS + 1)
            + all * (size_of::<Position>() + 2 * size_of::<u32>())
            + sizes.len() * (ALIGNMENTS + 1) * ranges * SCAN_STEP
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
    let fine = usable().find(|&size| count(size) <= FINE_BLOCKS || size == BlockSize::Sixteen);
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
        let mut sums = [Vec::new(), Vec::new()];
        let alignments: [Ranges; ALIGNMENTS] = std::array::from_fn(|alignment| {
            let (left, top) = (alignment % LATTICE, alignment / LATTICE);
            sums.iter_mut().for_each(Vec::clear);
            for (table, j) in tables
                .iter()
                .flat_map(|table| (0..down).map(move |j| (table, j)))
            {
                for (sum, squares) in table.blocks((left, top + j * side), side, across) {
                    sums[0].push(sum);
                    sums[1].push(squares);
                }
            }
            Ranges::of(&sums, size)
        });
        let position = |(channel, j, i): (usize, usize, usize)| Position {
            row: ((j * side / LATTICE * channels + channel) * 2) as u16,
            x: (i * side / LATTICE) as u16,
        };
        let blocks = (0..channels).flat_map(|channel| (0..down).map(move |j| (channel, j)));
        let blocks = blocks.flat_map(|(channel, j)| (0..across).map(move |i| (channel, j, i)));
        let group = Ranges::holding(&alignments);
        let count = across * down * channels;
        let orders = [0, 1].map(|feature| {
            extremes_first(&group.low[feature][..count], &group.high[feature][..count])
        });
        let order = orders[0].iter().zip(&orders[1]);
        let order = order.flat_map(|(mean, deviation)| [mean * 2, deviation * 2 + 1]);
        let worth = 40 * across * down * 2 / (width * height);
        Self {
            size,
            across,
            rows: (down - 1) * side / LATTICE + 1,
            worth: worth.max(1) as u32,
            positions: blocks.map(position).collect(),
            alignments,
            order: order.collect(),
            group,
            ordered_group: OnceLock::new(),
            ordered_alignments: [const { OnceLock::new() }; ALIGNMENTS],
        }
    }

    /// Where each block lies.
    pub(crate) fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// What holds where the first lattice point has this offset in the template.
    pub(crate) fn ranges(&self, (dx, dy): (usize, usize)) -> &Ranges {
        &self.alignments[dy * LATTICE + dx]
    }

    /// The features where the first lattice point has this offset in the template, the most telling first.
    pub(crate) fn alignment(&self, (dx, dy): (usize, usize)) -> &[Block] {
        let alignment = dy * LATTICE + dx;
        self.ordered_alignments[alignment].get_or_init(|| self.ordered(&self.alignments[alignment]))
    }

    /// What holds of the features however the template lies, the most telling first.
    pub(crate) fn group(&self) -> &[Block] {
        self.ordered_group.get_or_init(|| self.ordered(&self.group))
    }

    fn ordered(&self, ranges: &Ranges) -> Vec<Block> {
        let block = |&feature: &u32| {
            let (block, feature) = ((feature / 2) as usize, (feature % 2) as usize);
            let Position { row, x } = self.positions[block];
            Block {
                row: row + feature as u16,
                x,
                low: ranges.low[feature][block],
                high: ranges.high[feature][block],
            }
        };
        self.order.iter().map(block).collect()
    }
}

impl Ranges {
    /// From the sums of levels and of their squares.
    fn of(sums: &[Vec<u32>; 2], size: BlockSize) -> Self {
        let count = sums[0].len();
        let empty = || [vec![0; count + SCAN_STEP], vec![0; count + SCAN_STEP]];
        let mut ranges = Self {
            low: empty(),
            high: empty(),
        };
        let log = size.pixels_log();
        let pixels = 1_u32 << log;
        let means = ranges.low[0].iter_mut().zip(&mut ranges.high[0]);
        for (sum, (low, high)) in sums[0].iter().zip(means) {
            // The frame's means are rounded down, so the true ones may be up to one higher.
            *low = (sum.saturating_sub(pixels) >> log) as u8;
            *high = ((sum + (pixels - 1)) >> log) as u8;
        }
        let share = 1.0 / pixels as f32;
        // The frame's deviations are rounded to the nearest, and a little wrong, as this one is.
        let rounding = 0.5 + 2.0 * Kernel::DEVIATION_ERROR as f32;
        // At 2^23 the last bit of a number is worth one, so this rounds to the nearest, and half a one away from there
        // in the direction that is safe.
        let rounded = |number: f32| (number + 8_388_608.0).to_bits() as u8;
        let deviations = ranges.low[1].iter_mut().zip(&mut ranges.high[1]);
        for ((sum, squares), (low, high)) in sums[0].iter().zip(&sums[1]).zip(deviations) {
            // Sums and squares are below 2^31, where signed numbers are converted faster.
            let level = *sum as i32 as f32 * share;
            let variance = *squares as i32 as f32 * share - level * level;
            let deviation = variance.max(0.0).sqrt();
            *low = rounded((deviation - rounding - 0.5).max(0.0));
            *high = rounded(deviation + rounding + 0.5);
        }
        ranges
    }

    /// From the least low to the greatest high of each block.
    fn holding(all: &[Self; ALIGNMENTS]) -> Self {
        let mut holding = all[0].clone();
        for ranges in &all[1..] {
            for feature in [0, 1] {
                let lows = holding.low[feature].iter_mut().zip(&ranges.low[feature]);
                lows.for_each(|(least, low)| *least = (*least).min(*low));
                let highs = holding.high[feature].iter_mut().zip(&ranges.high[feature]);
                highs.for_each(|(greatest, high)| *greatest = (*greatest).max(*high));
            }
        }
        holding
    }
}

/// The order of the blocks: the surely greatest, the surely least, the second greatest and so on. A wrong place
/// is unlikely to have both.
fn extremes_first(low: &[u8], high: &[u8]) -> Vec<u32> {
    let greatest = sorted(low.iter().map(|low| u8::MAX - low));
    let least = sorted(high.iter().copied());
    let mut taken = vec![false; low.len()];
    let both = greatest.into_iter().zip(least);
    both.flat_map(|(greatest, least)| [greatest, least])
        .filter(|&index| !std::mem::replace(&mut taken[index as usize], true))
        .collect()
}

/// Which numbers come first if they are sorted; by counting, since there are many of few values.
fn sorted(numbers: impl ExactSizeIterator<Item = u8> + Clone) -> Vec<u32> {
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
        order[*place] = index as u32;
        *place += 1;
    }
    order
}

/// Sums over all that is left of and above each pixel ("integral images"), for levels and their squares, in those rows
/// where blocks of some size, or of a larger, begin or end.
#[derive(Debug)]
struct Table {
    /// Of the smallest blocks.
    finest: usize,
    stride: usize,
    /// They wrap around; the difference for a block of up to 32x32 is right all the same.
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

    /// The sums of the levels of squares side by side and those of their squares. They begin in one of the rows that
    /// are kept.
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
