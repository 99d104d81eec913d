//! The least sum of squared differences (SSD) of a template among places on a frame, if it isn't above a bound.
//!
//! The result is exact; what is skipped is skipped because it provably can't win:
//!
//! 1. The recorded place is summed first and lowers the bound.
//! 2. For a block of `n` pixels with mean `m` and standard deviation `s`, in the template and in the frame,
//!    `n * (m - m')^2 + n * (s - s')^2 <= SSD` of the block. (Split both blocks into their means and what is left; the means' part is
//!    exact, and the rest follows from the triangle inequality.) Added up over blocks that don't overlap this is a lower bound
//!    on the whole ("successive elimination"). A scan adds these up for 32 places at a time, large blocks before small
//!    ones, and drops places above the bound.
//! 3. What is left is summed in the order of those lower bounds, row by row, the rows with most texture first, until the sum
//!    exceeds the best so far ("partial distortion elimination").

use std::sync::Arc;

use crate::block_size::BlockSize;
use crate::kernel::{Kernel, Stage, Survivor};
use crate::planes::{LATTICE, Planes};
use crate::template::{Levels, Template};
use crate::template_blocks::SizedBlocks;
use crate::{Point, Rect};

/// A place and how well the template fits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) place: Point,
    pub(crate) ssd: u64,
}

/// What is asked: the best place in `places`, a rectangle of upper left corners, if its sum is at most `bound`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// The template lies inside the frame at each of these.
    pub(crate) places: Rect,
    /// The recorded place.
    pub(crate) start: Point,
    pub(crate) bound: u64,
}

/// The answer to an earlier question with the same start and at least the same bound: its places, and the best of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) places: Rect,
    pub(crate) fit: Option<Fit>,
}

impl Known {
    /// Whether no other place can be better.
    pub(crate) fn is_exact_at(&self, start: Point) -> bool {
        self.fit
            == Some(Fit {
                place: start,
                ssd: 0,
            })
    }
}

/// Finds the best place. `area` is where the template lies on the needle's picture.
pub(crate) fn search(
    template: &Template,
    area: Rect,
    planes: &[Arc<Planes>],
    question: Question,
    known: Option<Known>,
) -> Option<Fit> {
    let Question {
        places,
        start,
        bound,
    } = question;
    let mut search = Search {
        template,
        area,
        levels: template.levels(area),
        planes,
        kernel: Kernel::detect(),
        start,
        bound,
        best: known
            .and_then(|known| known.fit)
            .filter(|fit| fit.ssd <= bound),
    };
    let here = Rect::new(start.x, start.y, 1, 1);
    if known.is_none() && places.intersection(&here).is_some() {
        search.consider(&search.window(here), start);
    }
    if search
        .best
        .is_some_and(|best| best.ssd == 0 && best.place == start)
        || places == here
    {
        return search.best;
    }
    let known = known.and_then(|known| known.places.intersection(&places));
    for part in without(places, known) {
        search.scan(part);
    }
    search.best
}

/// The parts of a rectangle that another inside it leaves, as at most four rectangles.
fn without(whole: Rect, hole: Option<Rect>) -> Vec<Rect> {
    let Some(hole) = hole else { return vec![whole] };
    let span = |from: i64, to: i64| (to - from) as u32;
    let (right, bottom) = (hole.right() as i32, hole.bottom() as i32);
    [
        Rect {
            height: span(whole.y.into(), hole.y.into()),
            ..whole
        },
        Rect {
            y: bottom,
            height: span(hole.bottom(), whole.bottom()),
            ..whole
        },
        Rect {
            width: span(whole.x.into(), hole.x.into()),
            x: whole.x,
            ..hole
        },
        Rect {
            x: right,
            width: span(hole.right(), whole.right()),
            ..hole
        },
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect()
}

/// The rows of the frame that a template covers at some of the places.
struct Window<'a> {
    /// The first of them.
    top: i32,
    /// Blurred levels, `y * channels + channel`.
    rows: Vec<&'a [u8]>,
}

struct Search<'a> {
    template: &'a Template,
    area: Rect,
    levels: &'a Levels,
    planes: &'a [Arc<Planes>],
    kernel: Kernel,
    start: Point,
    bound: u64,
    best: Option<Fit>,
}

impl<'a> Search<'a> {
    fn window(&self, places: Rect) -> Window<'a> {
        let (top, planes) = (places.y as usize, self.planes);
        let height = places.height as usize - 1 + self.template.height;
        let rows =
            (top..top + height).flat_map(|y| planes.iter().map(move |planes| planes.smooth_row(y)));
        Window {
            top: places.y,
            rows: rows.collect(),
        }
    }

    /// The greatest sum that is still of interest.
    fn bound(&self) -> u64 {
        self.best.map_or(self.bound, |best| best.ssd)
    }

    /// Among equal sums the least distance from the recorded place wins, then the smaller y, then the smaller x.
    fn distance(&self, place: Point) -> (i64, i32, i32) {
        let (dx, dy) = (
            i64::from(place.x - self.start.x),
            i64::from(place.y - self.start.y),
        );
        (dx * dx + dy * dy, place.y, place.x)
    }

    /// Sums up at a place, if it can be better than the best, and keeps it if it is.
    fn consider(&mut self, window: &Window<'_>, place: Point) {
        let bound = match self.best {
            None => self.bound,
            Some(best) if self.distance(place) < self.distance(best.place) => best.ssd,
            // As good isn't good enough here.
            Some(best) => match best.ssd.checked_sub(1) {
                Some(bound) => bound,
                None => return,
            },
        };
        let levels = (&self.levels.levels[..], self.template.width);
        let below = &window.rows[(place.y - window.top) as usize * self.planes.len()..];
        let (rows, x) = (&self.levels.rows, place.x as usize);
        if let Some(ssd) = self.kernel.ssd_within(levels, rows, below, x, bound) {
            self.best = Some(Fit { place, ssd });
        }
    }

    fn scan(&mut self, places: Rect) {
        let window = self.window(places);
        let mut sizes: Vec<SizeRows<'_>> = Vec::new();
        let mut left: Vec<(u64, Point)> = Vec::new();
        // The least lower bound so far: what is below it is the most promising yet, and may lower the bound for all that follow.
        let mut record = u64::MAX;
        let mut survivors: Vec<Survivor> = Vec::new();
        let ends = |from: i32, count: u32| from..from + count.min(LATTICE as u32) as i32;
        for first_y in ends(places.y, places.height) {
            for first_x in ends(places.x, places.width) {
                let class = Class::of(first_x as usize, first_y as usize);
                let blocks = &self.template.blocks(self.area).alignments[class.alignment()];
                let columns = (places.right() as i32 - first_x + 3) as usize / LATTICE;
                let rows = (places.bottom() as i32 - first_y + 3) as usize / LATTICE;
                for block in blocks {
                    if !sizes.iter().any(|rows| rows.size == block.size) {
                        sizes.push(SizeRows::of(self, block.size, places));
                    }
                }
                let features: Vec<(&SizedBlocks, &SizeRows<'_>)> = blocks
                    .iter()
                    .filter_map(|blocks| {
                        Some((blocks, sizes.iter().find(|rows| rows.size == blocks.size)?))
                    })
                    .collect();
                for row in 0..rows {
                    let y = first_y + (row * LATTICE) as i32;
                    let at = |column: u32| Point {
                        x: first_x + (column as usize * LATTICE) as i32,
                        y,
                    };
                    if features.is_empty() {
                        for column in 0..columns as u32 {
                            self.consider(&window, at(column));
                        }
                        continue;
                    }
                    let stages: Vec<Stage<'_>> = features
                        .iter()
                        .map(|(blocks, rows)| {
                            rows.stage(
                                blocks,
                                class.lattice_row() + row,
                                class.lattice_column(),
                                self.bound(),
                            )
                        })
                        .collect();
                    survivors.clear();
                    self.kernel.scan(&stages, columns, &mut survivors);
                    let first = left.len();
                    left.extend(survivors.iter().map(|survivor| {
                        let (_, rows) = features[survivor.stage as usize];
                        (
                            u64::from(survivor.sum) << rows.unit_log(),
                            at(survivor.column),
                        )
                    }));
                    let found = left[first..].iter().min_by_key(|(lower, _)| *lower);
                    if let Some(&(lower, place)) = found
                        && lower < record
                    {
                        record = lower;
                        self.consider(&window, place);
                    }
                }
            }
        }
        left.retain(|(lower, _)| *lower <= self.bound());
        left.sort_unstable_by_key(|(lower, place)| (*lower, self.distance(*place)));
        for (lower, place) in left {
            if lower > self.bound() {
                break;
            }
            self.consider(&window, place);
        }
    }
}

/// The places that lie on the lattice alike, by the first of them.
#[derive(Clone, Copy)]
struct Class {
    x: usize,
    y: usize,
}

impl Class {
    fn of(x: usize, y: usize) -> Self {
        Self { x, y }
    }

    /// The number of the template's blocks that then lie on the frame's.
    fn alignment(self) -> usize {
        let offset = |at: usize| (LATTICE - at % LATTICE) % LATTICE;
        offset(self.y) * LATTICE + offset(self.x)
    }

    /// Of the first lattice point on the template at the first place.
    fn lattice_row(self) -> usize {
        self.y.div_ceil(LATTICE)
    }

    fn lattice_column(self) -> usize {
        self.x.div_ceil(LATTICE)
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

/// The widest bound in a stage's units: sums have 16 bits, and what doesn't fit counts as above every threshold.
const WIDEST_THRESHOLD: u64 = 50_000;

impl<'a> SizeRows<'a> {
    fn of(search: &Search<'a>, size: BlockSize, places: Rect) -> Self {
        let top = (places.y as usize).div_ceil(LATTICE);
        // The last row at which a block fits into the template at the last place.
        let bottom =
            (places.bottom() as usize - 1 + search.template.height - size.side()) / LATTICE;
        let planes = search.planes;
        let rows = (top..=bottom).flat_map(|row| {
            planes
                .iter()
                .flat_map(move |planes| planes.features(size, row))
        });
        let mut shift = 0;
        while search.bound() >> size.pixels_log() >> shift > WIDEST_THRESHOLD {
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

    /// For the places of which the first has its first lattice point here.
    fn stage<'s>(
        &'s self,
        blocks: &'s SizedBlocks,
        row: usize,
        column: usize,
        bound: u64,
    ) -> Stage<'s> {
        // Each square was rounded down, so a sum above this is really above the bound. The bound only falls.
        let threshold = (bound >> self.unit_log()).min(WIDEST_THRESHOLD) as u16;
        let first = row - self.top;
        let rows = first * self.channels * 2..(first + blocks.rows) * self.channels * 2;
        Stage {
            blocks: &blocks.blocks,
            rows: &self.rows[rows],
            x: column,
            worth: blocks.worth,
            shift: self.shift,
            threshold,
        }
    }

    /// What a sum of one stands for, as a power of two.
    fn unit_log(&self) -> u32 {
        self.size.pixels_log() + self.shift
    }
}
