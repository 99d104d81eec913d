//! The sizes of blocks that a template uses.

use std::sync::OnceLock;

use super::levels::Levels;
use super::ranges::ALIGNMENT_COUNT;
use super::sized_blocks::{Position, SizedBlocks, count};
use super::table::Table;
use crate::matcher::block_size::BlockSize;
use crate::matcher::kernel::{Block, SCAN_STEP};

/// A coarse look needs at least so many blocks. The largest such blocks cost least.
const COARSE_BLOCKS: usize = 10;

/// A fine look uses at most so many blocks. The smallest such blocks rule out most.
const FINE_BLOCKS: usize = 1500;

/// The blocks of a template in every alignment to the frame's lattice. Each size is computed on first use.
#[derive(Debug)]
pub(crate) struct TemplateBlocks {
    channels: usize,
    width: usize,
    height: usize,
    /// The block sizes that are used, the largest first.
    sizes: Vec<(BlockSize, OnceLock<SizedBlocks>)>,
    /// One table for each channel, for all sizes.
    tables: OnceLock<Vec<Table>>,
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

    /// Returns the block sizes that are used, the largest first.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = BlockSize> {
        self.sizes.iter().map(|(size, _)| *size)
    }

    /// Returns the blocks of the size at this index of [`Self::sizes`].
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

    /// Returns the number of bytes that the blocks of a template of this size use.
    pub(crate) fn memory(channels: usize, width: usize, height: usize) -> usize {
        let blocks = |size: &BlockSize| count(*size, channels, width, height);
        let sizes = sizes(channels, width, height);
        let all: usize = sizes.iter().map(blocks).sum();
        let ordered = 2 * size_of::<Block>();
        let ranges = 4;
        let table = |finest: &BlockSize| Table::numbers(width, height, finest.side()) * channels;
        all * (ordered + ranges) * (ALIGNMENT_COUNT + 1)
            + all * (size_of::<Position>() + 2 * size_of::<u32>())
            + sizes.len() * (ALIGNMENT_COUNT + 1) * ranges * SCAN_STEP
            + sizes.last().map_or(0, table) * size_of::<(u32, u32)>()
    }
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
