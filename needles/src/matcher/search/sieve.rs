//! Rules out places by the features of blocks.

use std::cell::OnceCell;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use super::side_by_side::SideBySide;
use crate::matcher::block_size::BlockSize;
use crate::matcher::frame::Planes;
use crate::matcher::kernel::{Block, Grid, Kernel, Square, Stage, Survivor};
use crate::matcher::lattice::{Group, LATTICE, RemainingPlace, Run};
use crate::matcher::template::{Levels, Position, Ranges, SizedBlocks, Template, TemplateBlocks};
use crate::rect::{Point, Rect};

/// The widest bound in a stage's units. Sums have 16 bits, and a sum that saturates counts as above every threshold.
const WIDEST_THRESHOLD: u64 = 50_000;

/// Cost of computing one block of a template in all alignments, in scan steps for one block (about 2 ns each).
const BLOCK_COST: usize = 60;

/// Number of samples whose differences are summed up in one scan step.
const SAMPLES_A_STEP: usize = 16;

/// With so many blocks, it pays to reorder the frame's features so that the blocks of a place are adjacent.
const MANY_BLOCKS: usize = 128;

/// Of larger templates, only so many samples are summed up at most places.
const MOST_REFINED: usize = 20_000;

/// Rules out places by the features of the template's blocks and of the frame's blocks under them.
pub(crate) struct Sieve<'a> {
    /// The lattice rows of the remaining points.
    points: Range<usize>,
    /// The first row below the last place.
    bottom: usize,
    height: usize,
    samples: usize,
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
            points: 0..0,
            bottom: places.bottom() as usize - 1 + template.height,
            samples: template.samples() as usize,
            height: template.height,
            planes,
            levels,
            blocks,
            rows: blocks.sizes().map(|_| OnceCell::new()).collect(),
            kernel: Kernel::detect(),
            survivors: Vec::new(),
        }
    }

    /// Returns the block sizes of the template, the largest first.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = BlockSize> + use<'a> {
        self.blocks.sizes()
    }

    /// Restricts the following requests to points in these lattice rows. There must be at least one.
    pub(crate) fn narrow(&mut self, rows: impl Iterator<Item = usize> + Clone) {
        if let (Some(first), Some(last)) = (rows.clone().min(), rows.max()) {
            self.points = first..last + 1;
        }
    }

    /// Returns true if comparing so many places by blocks of one more size costs less than summing them up.
    pub(crate) fn pays(&self, size: usize, places: usize) -> bool {
        let Some(size) = self.sizes().nth(size) else {
            return false;
        };
        let blocks = self.samples >> size.pixels_log();
        let features = self.planes[0].cell_columns() * (self.points.len() + self.height / LATTICE);
        let making = blocks * BLOCK_COST + features * self.planes.len();
        places * self.samples.min(MOST_REFINED) / SAMPLES_A_STEP > making + places * blocks / 4
    }

    /// Returns the lattice points of these runs with places that may be within the bound, judged by blocks of one size.
    pub(crate) fn groups(&mut self, runs: &[Run], size: usize, bound: u64) -> Vec<Group> {
        let mut survivors = std::mem::take(&mut self.survivors);
        let (blocks, rows) = self.of_size(size, bound);
        let mut groups = Vec::new();
        for run in runs {
            survivors.clear();
            let stage = rows.stage(blocks, blocks.group(), run, bound);
            (self.kernel).scan(&[stage], run.columns.len(), &mut survivors);
            groups.extend(survivors.iter().map(|survivor| Group {
                lower: u64::from(survivor.sum) << rows.unit_log(),
                row: run.row,
                column: run.columns.start + survivor.column as usize,
            }));
        }
        self.survivors = survivors;
        groups
    }

    /// Returns the places that may be within the bound, judged by blocks of these sizes (at least one). Places are at
    /// `offset` before the lattice points of these runs, and lie in `among`.
    pub(crate) fn places(
        &mut self,
        runs: &[Run],
        offset: (usize, usize),
        sizes: Range<usize>,
        (among, bound): (Rect, u64),
        left: &mut Vec<RemainingPlace>,
    ) {
        let mut survivors = std::mem::take(&mut self.survivors);
        let first = sizes.start;
        let looked_at = sizes.len();
        // The array needs four elements. Those after the last requested size are not used.
        let of_stage: [_; BlockSize::ALL.len()] = [0, 1, 2, 3].map(|stage: usize| {
            let (blocks, rows) = self.of_size((first + stage).min(sizes.end - 1), bound);
            (blocks, blocks.alignment(offset), rows)
        });
        let mut stages = Vec::with_capacity(looked_at);
        for run in runs.iter().filter_map(|run| run.clipped(offset, among)) {
            survivors.clear();
            stages.clear();
            let looked_at = of_stage[..looked_at].iter();
            stages.extend(
                looked_at.map(|(sized, blocks, rows)| rows.stage(sized, blocks, &run, bound)),
            );
            (self.kernel).scan(&stages, run.columns.len(), &mut survivors);
            left.extend(survivors.iter().map(|survivor| {
                let stage = survivor.stage as usize;
                RemainingPlace {
                    lower: u64::from(survivor.sum) << of_stage[stage].2.unit_log(),
                    size: first + stage,
                    row: run.row,
                    column: run.columns.start + survivor.column as usize,
                    offset,
                }
            }));
        }
        self.survivors = survivors;
    }

    /// Returns the blocks of a size at one place.
    pub(crate) fn at(&self, size: usize, place: Point, bound: u64) -> BlocksAt<'_> {
        self.everywhere(size, bound)
            .at(&RemainingPlace::at(place, 0, size))
    }

    /// Returns the blocks of a size for any place.
    pub(crate) fn everywhere(&self, size: usize, bound: u64) -> Blocks<'_> {
        let (blocks, rows) = self.of_size(size, bound);
        Blocks {
            blocks,
            rows,
            kernel: self.kernel,
        }
    }

    /// Returns true if comparing a place by these blocks is so cheap that no scan is needed.
    pub(crate) fn has_many_blocks(&self, size: usize) -> bool {
        self.blocks.of_size(size, self.levels).positions().len() >= MANY_BLOCKS
    }

    fn of_size(&self, index: usize, bound: u64) -> (&'a SizedBlocks, &SizeRows<'a>) {
        let blocks = self.blocks.of_size(index, self.levels);
        let rows = self.rows[index].get_or_init(|| {
            // The last row in which a block begins at the last place. The template may begin up to three rows above its
            // first lattice point.
            let end = (self.points.end - 1) * LATTICE + self.height;
            let bottom = (end.min(self.bottom) - blocks.size.side()) / LATTICE;
            SizeRows::of(self.planes, blocks.size, self.points.start..=bottom, bound)
        });
        (blocks, rows)
    }
}

/// The blocks of one size, for any place.
pub(crate) struct Blocks<'a> {
    blocks: &'a SizedBlocks,
    rows: &'a SizeRows<'a>,
    kernel: Kernel,
}

impl<'a> Blocks<'a> {
    /// Returns the blocks at one place.
    #[inline]
    pub(crate) fn at(&self, place: &RemainingPlace) -> BlocksAt<'a> {
        BlocksAt {
            blocks: self.blocks,
            rows: self.rows,
            ranges: self.blocks.ranges(place.offset),
            offset: place.offset,
            row: place.row - self.rows.top,
            column: place.column,
            kernel: self.kernel,
        }
    }
}

/// The blocks of one size at one place.
pub(crate) struct BlocksAt<'a> {
    blocks: &'a SizedBlocks,
    rows: &'a SizeRows<'a>,
    ranges: &'a Ranges,
    /// The first lattice point, counted from the template's corner.
    offset: (usize, usize),
    /// The lattice row of the first lattice point, counted from the first of the rows.
    row: usize,
    /// The lattice column of the first lattice point.
    column: usize,
    kernel: Kernel,
}

impl BlocksAt<'_> {
    /// Returns the number of blocks.
    pub(crate) fn count(&self) -> usize {
        self.blocks.positions().len()
    }

    /// Returns a lower bound on the sum over one block. A scan adds up the same numbers, rounded down.
    pub(crate) fn lower(&self, block: usize) -> u64 {
        let Position { row, x } = self.blocks.positions()[block];
        let first = self.row * self.rows.channels * 2 + row as usize;
        let square = |feature: usize| {
            let level = self.rows.rows[first + feature][self.column + x as usize];
            let (low, high) = (
                self.ranges.low[feature][block],
                self.ranges.high[feature][block],
            );
            let away = u64::from(level.saturating_sub(high) | low.saturating_sub(level));
            away * away
        };
        (square(0) + square(1)) << self.blocks.size.pixels_log()
    }

    /// Returns a lower bound on the whole sum.
    pub(crate) fn lower_of_all(&self) -> u64 {
        self.lower_within(u64::MAX).unwrap_or(u64::MAX)
    }

    /// Returns a lower bound on the whole sum. Returns `None` if it is above `bound`.
    pub(crate) fn lower_within(&self, bound: u64) -> Option<u64> {
        let mut lower = 0;
        let count = self.count();
        if count < MANY_BLOCKS {
            lower = (0..count).map(|block| self.lower(block)).sum();
            return (lower <= bound).then_some(lower);
        }
        let (across, channels) = (self.blocks.across, self.rows.channels);
        let beside = self.rows.beside();
        let step = self.blocks.size.side() / LATTICE;
        let rows = count / across / channels;
        for (feature, channel) in [0, 1]
            .into_iter()
            .flat_map(|feature| (0..channels).map(move |channel| (feature, channel)))
        {
            let first = channel * rows * across;
            let squares = self.kernel.squares_outside(Grid {
                across,
                low: &self.ranges.low[feature][first..],
                high: &self.ranges.high[feature][first..],
                frame: beside.from(channel * 2 + feature, self.row, self.column),
                stride: beside.stride(step),
                rows,
            });
            lower += squares << self.blocks.size.pixels_log();
            if lower > bound {
                return None;
            }
        }
        Some(lower)
    }

    /// Returns the square of the template's pixels that a block covers.
    pub(crate) fn square(&self, block: usize) -> Square {
        let Position { row, x } = self.blocks.positions()[block];
        let row = row as usize / 2;
        let channels = self.rows.channels;
        let (lattice_row, channel) = match channels {
            // Most needles are compared in gray, and a division would cost more than everything else here.
            1 => (row, 0),
            channels => (row / channels, row % channels),
        };
        Square {
            side: self.blocks.size.side(),
            row: (self.offset.1 + lattice_row * LATTICE) * channels + channel,
            x: self.offset.0 + x as usize * LATTICE,
            step: channels,
        }
    }
}

/// The frame's features of the blocks of one size that a template covers at some places.
struct SizeRows<'a> {
    size: BlockSize,
    /// The first lattice row.
    top: usize,
    /// Number of channels in a lattice row.
    channels: usize,
    /// Means at `((lattice row - top) * channels + channel) * 2`, deviations one further.
    rows: Vec<&'a [u8]>,
    shift: u32,
    beside: OnceCell<SideBySide>,
}

impl<'a> SizeRows<'a> {
    fn of(
        planes: &'a [Arc<Planes>],
        size: BlockSize,
        rows: RangeInclusive<usize>,
        bound: u64,
    ) -> Self {
        let top = *rows.start();
        let rows = rows.flat_map(|row| {
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
            beside: OnceCell::new(),
        }
    }

    /// Returns the same features in the order in which the blocks of a place are adjacent.
    fn beside(&self) -> &SideBySide {
        let step = self.size.side() / LATTICE;
        self.beside
            .get_or_init(|| SideBySide::of(&self.rows, self.channels, step))
    }

    /// Returns the stage that scans a run.
    fn stage<'s>(
        &'s self,
        sized: &SizedBlocks,
        blocks: &'s [Block],
        run: &Run,
        bound: u64,
    ) -> Stage<'s> {
        // Each square was rounded down, so a sum above the threshold is really above the bound. The bound never rises.
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

    /// Returns the binary logarithm of the unit of a sum.
    fn unit_log(&self) -> u32 {
        self.size.pixels_log() + self.shift
    }
}
