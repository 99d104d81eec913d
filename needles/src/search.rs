//! The least sum of squared differences (SSD) of a template among places on a frame, if it isn't above a bound.
//!
//! The result is exact; what is skipped is skipped because it provably can't win:
//!
//! 1. The recorded place is summed first and lowers the bound.
//! 2. For square blocks of `n` pixels, `sum over blocks of n * (mean of the template - mean of the frame)^2 <= SSD`
//!    (Cauchy-Schwarz; "successive elimination"). A scan adds these up for 32 places at a time and drops places above the bound.
//! 3. What is left is summed in the order of those lower bounds, row by row, the rows with most texture first, until the sum
//!    exceeds the best so far ("partial distortion elimination").

use std::sync::Arc;

use crate::kernel::{Block, Kernel, Stage, Survivor};
use crate::planes::Planes;
use crate::template::{Blocks, Template};
use crate::{Point, Rect};

/// A place and how well the template fits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) place: Point,
    pub(crate) ssd: u64,
}

/// Finds the best place in `places`, a rectangle of upper left corners, if its sum is at most `bound`.
///
/// The template lies inside the frame at each of the places.
pub(crate) fn search(
    template: &Template,
    planes: &[Arc<Planes>],
    places: Rect,
    start: Point,
    bound: u64,
) -> Option<Fit> {
    let mut search = Search {
        template,
        kernel: Kernel::detect(),
        start,
        bound,
        best: None,
    };
    let is_place = places
        .intersection(&Rect::new(start.x, start.y, 1, 1))
        .is_some();
    if is_place {
        let here = Rect::new(start.x, start.y, 1, 1);
        search.consider(&Window::of(template, planes, here), start);
        if search.best.is_some_and(|best| best.ssd == 0) || places == here {
            return search.best;
        }
    }
    search.scan(planes, places);
    search.best
}

/// The rows of the frame that a template covers at some of the places.
struct Window<'a> {
    /// The first of them.
    top: i32,
    /// Blurred levels, the rows of the second channel after those of the first.
    rows: Vec<&'a [u8]>,
    /// Which of them each row of the template lies on at the first place.
    order: Vec<u32>,
}

impl<'a> Window<'a> {
    fn of(template: &Template, planes: &'a [Arc<Planes>], places: Rect) -> Self {
        let top = places.y as usize;
        let height = places.height as usize - 1 + template.height;
        let rows = planes
            .iter()
            .flat_map(|planes| (top..top + height).map(|y| planes.smooth_row(y)));
        let order = template.rows.iter().map(|&row| {
            let (plane, y) = (
                row as usize / template.height,
                row as usize % template.height,
            );
            (plane * height + y) as u32
        });
        Self {
            top: places.y,
            rows: rows.collect(),
            order: order.collect(),
        }
    }
}

struct Search<'a> {
    template: &'a Template,
    kernel: Kernel,
    start: Point,
    bound: u64,
    best: Option<Fit>,
}

impl Search<'_> {
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
        if let Some(ssd) = self.ssd_within(window, place, bound) {
            self.best = Some(Fit { place, ssd });
        }
    }

    fn ssd_within(&self, window: &Window<'_>, place: Point, bound: u64) -> Option<u64> {
        let template = (&self.template.levels[..], self.template.width);
        let below = &window.rows[(place.y - window.top) as usize..];
        self.kernel
            .ssd_within(template, &window.order, below, place.x as usize, bound)
    }

    fn scan(&mut self, planes: &[Arc<Planes>], places: Rect) {
        let window = Window::of(self.template, planes, places);
        // The rows near the recorded place first: a moved area has seldom moved far.
        let mut rows: Vec<i32> = (places.y..places.bottom() as i32).collect();
        rows.sort_by_key(|y| (y - self.start.y).abs());
        let looks: Vec<Look<'_>> = self
            .template
            .blocks
            .iter()
            .map(|blocks| Look::of(blocks, self.template, planes, places, self.bound()))
            .collect();
        if looks.is_empty() {
            for y in rows {
                for x in places.x..places.right() as i32 {
                    self.consider(&window, Point { x, y });
                }
            }
            return;
        }
        let mut left: Vec<(u64, Point)> = Vec::new();
        let mut survivors: Vec<Survivor> = Vec::new();
        for y in rows {
            let stages: Vec<Stage<'_>> = looks
                .iter()
                .map(|look| look.stage((y - places.y) as usize, self.bound()))
                .collect();
            survivors.clear();
            self.kernel
                .scan(&stages, places.width as usize, &mut survivors);
            let first = left.len();
            left.extend(survivors.iter().map(|survivor| {
                let lower = u64::from(survivor.sum) << looks[survivor.stage as usize].unit_log();
                (
                    lower,
                    Point {
                        x: places.x + survivor.column as i32,
                        y,
                    },
                )
            }));
            // The most promising of each row at once: it may lower the bound for the rows that follow.
            if let Some((_, place)) = left[first..].iter().min_by_key(|(lower, _)| *lower) {
                self.consider(&window, *place);
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

/// Blocks of one size, laid over the places of a search.
struct Look<'a> {
    /// With rows and columns that count from the first place.
    blocks: Vec<Block>,
    rows: Vec<&'a [u8]>,
    pixels_log: u32,
    shift: u32,
}

/// The widest bound in a stage's units: sums have 16 bits, and what doesn't fit counts as above every threshold.
const WIDEST_THRESHOLD: u64 = 50_000;

impl<'a> Look<'a> {
    fn of(
        blocks: &Blocks,
        template: &Template,
        planes: &'a [Arc<Planes>],
        places: Rect,
        bound: u64,
    ) -> Self {
        let side = blocks.size.side();
        let top = places.y as usize;
        let height = places.height as usize + template.height - side;
        let rows = planes
            .iter()
            .flat_map(|planes| (top..top + height).map(|y| planes.mean_row(blocks.size, y)));
        let laid = blocks.blocks.iter().map(|block| {
            let (plane, y) = (
                block.row as usize / template.height,
                block.row as usize % template.height,
            );
            Block {
                row: (plane * height + y) as u32,
                x: block.x + places.x as u32,
                ..*block
            }
        });
        let pixels_log = blocks.size.pixels_log();
        let mut shift = 0;
        while bound >> pixels_log >> shift > WIDEST_THRESHOLD {
            shift += 1;
        }
        Self {
            blocks: laid.collect(),
            rows: rows.collect(),
            pixels_log,
            shift,
        }
    }

    /// For the row of places that is so many below the first.
    fn stage(&self, row: usize, bound: u64) -> Stage<'_> {
        // Each square was rounded down, so a sum above this is really above the bound. The bound only falls.
        let threshold = (bound >> self.unit_log()).min(WIDEST_THRESHOLD) as u16;
        Stage {
            blocks: &self.blocks,
            rows: &self.rows[row..],
            shift: self.shift,
            threshold,
        }
    }

    /// What a sum of one stands for, as a power of two.
    fn unit_log(&self) -> u32 {
        self.pixels_log + self.shift
    }
}
