//! A template's blocks of one size, in every alignment to the frame's lattice.

use std::sync::OnceLock;

use super::ranges::{ALIGNMENT_COUNT, Ranges};
use super::table::Table;
use crate::matcher::block_size::BlockSize;
use crate::matcher::kernel::Block;
use crate::matcher::lattice::LATTICE;

/// The blocks of one size.
///
/// Their numbers go from left to right, then down, then by channel.
#[derive(Debug)]
pub(crate) struct SizedBlocks {
    pub(crate) size: BlockSize,
    /// Number of blocks in a row.
    pub(crate) across: usize,
    /// Number of lattice rows from the first block to the last.
    pub(crate) rows: usize,
    /// With fewer places of a step left, summing them up costs less than looking at these blocks.
    pub(crate) worth: u32,
    positions: Vec<Position>,
    /// The ranges by the offset of the first lattice point from the template's corner: `y * LATTICE + x`.
    alignments: [Ranges; ALIGNMENT_COUNT],
    /// The ranges that hold in every alignment: from the least `low` to the greatest `high`.
    group: Ranges,
    /// The order in which features are looked at, the most telling first. A mean has twice the number of its block, the
    /// deviation one more.
    order: Vec<u32>,
    ordered_group: OnceLock<Vec<Block>>,
    ordered_alignments: [OnceLock<Vec<Block>>; ALIGNMENT_COUNT],
}

/// The position of a block, counted from the first lattice point on the template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// The index of the frame's row of means, `(lattice row * channels + channel) * 2`. Deviations are one further.
    pub(crate) row: u16,
    /// The lattice column.
    pub(crate) x: u16,
}

/// Returns the number of blocks that fit side by side into a length in every alignment.
fn fit(size: BlockSize, length: usize) -> usize {
    length.saturating_sub(LATTICE - 1) / size.side()
}

/// Returns the number of blocks that fit in every alignment.
pub(super) fn count(size: BlockSize, channels: usize, width: usize, height: usize) -> usize {
    fit(size, width) * fit(size, height) * channels
}

impl SizedBlocks {
    pub(super) fn of(tables: &[Table], size: BlockSize, width: usize, height: usize) -> Self {
        let side = size.side();
        let (across, down) = (fit(size, width), fit(size, height));
        let channels = tables.len();
        let mut sums = [Vec::new(), Vec::new()];
        let alignments: [Ranges; ALIGNMENT_COUNT] = std::array::from_fn(|alignment| {
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
            ordered_alignments: [const { OnceLock::new() }; ALIGNMENT_COUNT],
        }
    }

    /// Returns the position of each block.
    pub(crate) fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// Returns the ranges for the alignment with this offset of the first lattice point.
    pub(crate) fn ranges(&self, (dx, dy): (usize, usize)) -> &Ranges {
        &self.alignments[dy * LATTICE + dx]
    }

    /// Returns the features for the alignment with this offset of the first lattice point, the most telling first.
    pub(crate) fn alignment(&self, (dx, dy): (usize, usize)) -> &[Block] {
        let alignment = dy * LATTICE + dx;
        self.ordered_alignments[alignment].get_or_init(|| self.ordered(&self.alignments[alignment]))
    }

    /// Returns the features that hold in every alignment, the most telling first.
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

/// Returns an order of the blocks: the greatest feature, the least, the second greatest and so on. A wrong place is
/// unlikely to have both.
fn extremes_first(low: &[u8], high: &[u8]) -> Vec<u32> {
    let greatest = sorted(low.iter().map(|low| u8::MAX - low));
    let least = sorted(high.iter().copied());
    let mut taken = vec![false; low.len()];
    let both = greatest.into_iter().zip(least);
    both.flat_map(|(greatest, least)| [greatest, least])
        .filter(|&index| !std::mem::replace(&mut taken[index as usize], true))
        .collect()
}

/// Returns the indices of the numbers in ascending order. Sorts by counting, because many numbers have few values.
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
