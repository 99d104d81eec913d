use std::cell::OnceCell;
use std::sync::Arc;

use crate::Rect;
use crate::block_size::BlockSize;
use crate::kernel::{Block, Kernel, Stage, Survivor};
use crate::lattice::Run;
use crate::planes::{LATTICE, Planes};
use crate::template::{Levels, Template};
use crate::template_blocks::{SizedBlocks, TemplateBlocks};

/// The widest bound in a stage's units: sums have 16 bits, and what doesn't fit counts as above every threshold.
const WIDEST_THRESHOLD: u64 = 50_000;

/// What could not be ruled out at some lattice point or place of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    /// The sum is at least this.
    pub(crate) lower: u64,
    /// Columns from the first of the run.
    pub(crate) column: usize,
}

/// Rules out places by the features of a template's blocks and of those that they would lie on.
pub(crate) struct Sieve<'a> {
    places: Rect,
    height: usize,
    planes: &'a [Arc<Planes>],
    levels: &'a Levels,
    blocks: &'a TemplateBlocks,
    rows: Vec<OnceCell<SizeRows<'a>>>,
    kernel: Kernel,
    survivors: Vec<Survivor>,
}

impl<'a> Sieve<'a> {
    pub(crate) fn new(
        template: &'a Template,
        levels: &'a Levels,
        planes: &'a [Arc<Planes>],
        places: Rect,
    ) -> Self {
        let blocks = template.blocks();
        Self {
            places,
            height: template.height,
            planes,
            levels,
            blocks,
            rows: blocks.sizes().map(|_| OnceCell::new()).collect(),
            kernel: Kernel::detect(),
            survivors: Vec::new(),
        }
    }

    /// The sizes of blocks that the template has, the largest first.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = BlockSize> + use<'a> {
        self.blocks.sizes()
    }

    /// The lattice points of a run of which some place may have a sum within the bound, by the blocks of one size.
    pub(crate) fn groups(
        &mut self,
        run: &Run,
        size: usize,
        bound: u64,
    ) -> impl Iterator<Item = Left> {
        let mut survivors = std::mem::take(&mut self.survivors);
        survivors.clear();
        let (blocks, rows) = self.of_size(size, bound);
        let unit_log = rows.unit_log();
        let stage = rows.stage(blocks, &blocks.group, run, bound);
        self.kernel
            .scan(&[stage], run.columns.len(), &mut survivors);
        self.survivors = survivors;
        self.survivors.iter().map(move |survivor| Left {
            lower: u64::from(survivor.sum) << unit_log,
            column: survivor.column as usize,
        })
    }

    /// The places `dx` and `dy` before a run's lattice points whose sum may be within the bound, by blocks of all sizes, of which
    /// there must be one.
    pub(crate) fn places(
        &mut self,
        run: &Run,
        (dx, dy): (usize, usize),
        bound: u64,
    ) -> impl Iterator<Item = Left> {
        let mut survivors = std::mem::take(&mut self.survivors);
        survivors.clear();
        let mut units = [0; BlockSize::ALL.len()];
        let stage = |size: usize| {
            let (blocks, rows) = self.of_size(size.min(self.rows.len() - 1), bound);
            units[size] = rows.unit_log();
            rows.stage(blocks, &blocks.alignments[dy * LATTICE + dx], run, bound)
        };
        let stages: [Stage<'_>; BlockSize::ALL.len()] = [0, 1, 2, 3, 4].map(stage);
        let looked_at = &stages[..self.rows.len()];
        self.kernel
            .scan(looked_at, run.columns.len(), &mut survivors);
        self.survivors = survivors;
        self.survivors.iter().map(move |survivor| Left {
            lower: u64::from(survivor.sum) << units[survivor.stage as usize],
            column: survivor.column as usize,
        })
    }

    fn of_size(&self, index: usize, bound: u64) -> (&'a SizedBlocks, &SizeRows<'a>) {
        let blocks = self.blocks.of_size(index, self.levels);
        let rows = self.rows[index].get_or_init(|| {
            SizeRows::of(self.planes, blocks.size, self.places, self.height, bound)
        });
        (blocks, rows)
    }
}

/// The frame's features of the blocks of one size that a template covers at some places.
struct SizeRows<'a> {
    size: BlockSize,
    /// The first lattice row.
    top: usize,
    /// Channels in a lattice row.
    channels: usize,
    /// `((lattice row - top) * channels + channel) * 2`, one more for deviations.
    rows: Vec<&'a [u8]>,
    shift: u32,
}

impl<'a> SizeRows<'a> {
    fn of(
        planes: &'a [Arc<Planes>],
        size: BlockSize,
        places: Rect,
        height: usize,
        bound: u64,
    ) -> Self {
        let top = (places.y as usize).div_ceil(LATTICE);
        // The last row at which a block fits into the template at the last place.
        let bottom = (places.bottom() as usize - 1 + height - size.side()) / LATTICE;
        let rows = (top..=bottom).flat_map(|row| {
            planes
                .iter()
                .flat_map(move |planes| planes.features(size, row))
        });
        let mut shift = 0;
        while bound >> size.pixels_log() >> shift > WIDEST_THRESHOLD {
            shift += 1;
        }
        Self {
            size,
            top,
            channels: planes.len(),
            rows: rows.collect(),
            shift,
        }
    }

    /// For blocks at a run.
    fn stage<'s>(
        &'s self,
        sized: &SizedBlocks,
        blocks: &'s [Block],
        run: &Run,
        bound: u64,
    ) -> Stage<'s> {
        // Each square was rounded down, so a sum above this is really above the bound. The bound only falls.
        let threshold = (bound >> self.unit_log()).min(WIDEST_THRESHOLD) as u16;
        let first = run.row - self.top;
        let rows = first * self.channels * 2..(first + sized.rows) * self.channels * 2;
        Stage {
            blocks,
            rows: &self.rows[rows],
            x: run.columns.start,
            worth: sized.worth,
            shift: self.shift,
            threshold,
        }
    }

    /// What a sum of one stands for, as a power of two.
    fn unit_log(&self) -> u32 {
        self.size.pixels_log() + self.shift
    }
}
