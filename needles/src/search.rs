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

use crate::kernel::{Kernel, Survivor};
use crate::planes::Planes;
use crate::template::Template;
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
    /// How many of each channel.
    height: usize,
    /// Blurred levels, the rows of the second channel after those of the first.
    rows: Vec<&'a [u8]>,
}

impl<'a> Window<'a> {
    fn of(template: &Template, planes: &'a [Arc<Planes>], places: Rect) -> Self {
        let top = places.y as usize;
        let height = places.height as usize - 1 + template.height;
        let rows = planes
            .iter()
            .flat_map(|planes| (top..top + height).map(|y| planes.smooth_row(y)));
        Self {
            top: places.y,
            height,
            rows: rows.collect(),
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
        let template = self.template;
        let (x, top) = (place.x as usize, (place.y - window.top) as usize);
        let mut ssd = 0;
        for (levels, &row) in template
            .levels
            .chunks_exact(template.width)
            .zip(&template.rows)
        {
            let (plane, y) = (
                row as usize / template.height,
                row as usize % template.height,
            );
            let frame = &window.rows[plane * window.height + top + y][x..x + template.width];
            ssd += u64::from(self.kernel.ssd(levels, frame));
            if ssd > bound {
                return None;
            }
        }
        Some(ssd)
    }

    fn scan(&mut self, planes: &[Arc<Planes>], places: Rect) {
        let window = Window::of(self.template, planes, places);
        // The rows near the recorded place first: a moved area has seldom moved far.
        let mut rows: Vec<i32> = (places.y..places.bottom() as i32).collect();
        rows.sort_by_key(|y| (y - self.start.y).abs());
        let Some(blocks) = &self.template.blocks else {
            for y in rows {
                for x in places.x..places.right() as i32 {
                    self.consider(&window, Point { x, y });
                }
            }
            return;
        };
        let pixels_log = blocks.size.pixels_log();
        // Sums are kept in 16 bits, so for a wide bound they are kept in larger units.
        let mut shift = 0;
        while (self.bound() >> pixels_log >> shift) > 50_000 {
            shift += 1;
        }
        let side = blocks.size.side();
        let mean_rows = self.template.height - side + 1;
        let mut left: Vec<(u64, Point)> = Vec::new();
        let mut survivors: Vec<Survivor> = Vec::new();
        let mut row_blocks = blocks.blocks.clone();
        for block in &mut row_blocks {
            let (plane, y) = (
                block.row as usize / self.template.height,
                block.row as usize % self.template.height,
            );
            block.row = (plane * mean_rows + y) as u32;
            block.x += places.x as u32;
        }
        let mut means: Vec<&[u8]> = Vec::new();
        for y in rows {
            let top = y as usize;
            means.clear();
            means.extend(planes.iter().flat_map(|planes| {
                (top..top + mean_rows).map(|y| planes.mean_row(blocks.size, y))
            }));
            // Each block's sum was rounded down, so a sum above this is really above the bound.
            let threshold = u16::try_from(self.bound() >> pixels_log >> shift).unwrap_or(u16::MAX);
            survivors.clear();
            self.kernel.scan(
                &row_blocks,
                &means,
                places.width as usize,
                (shift, threshold),
                &mut survivors,
            );
            let place = |survivor: &Survivor| Point {
                x: places.x + survivor.column as i32,
                y,
            };
            let lower = |survivor: &Survivor| u64::from(survivor.sum) << shift << pixels_log;
            // The most promising of each row at once: it may lower the bound for the rows that follow.
            if let Some(promising) = survivors.iter().min_by_key(|survivor| survivor.sum) {
                if lower(promising) <= self.bound() {
                    self.consider(&window, place(promising));
                }
            }
            left.extend(
                survivors
                    .iter()
                    .map(|survivor| (lower(survivor), place(survivor))),
            );
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
