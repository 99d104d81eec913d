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
//! 3. The sixteen places that have the same first lattice point are ruled out as one first, by ranges that hold the features of a block
//!    in all sixteen alignments (`template_blocks`). Places on ground of one level all have the same sum, so it is summed up once
//!    (`flatness`). The group with the least lower bound is summed up after each size and lowers the bound.
//! 4. What is left is summed in the order of those lower bounds, strip by strip, those first that differ most at the best place so far
//!    or, where few places are left, those with most texture, until the sum exceeds the best so far ("partial distortion elimination").

use std::sync::Arc;

use crate::block_size::BlockSize;
use crate::flatness::Flatness;
use crate::kernel::{Kernel, Strips};
use crate::lattice::{ALIGNMENTS, Group, Run};
use crate::planes::{LATTICE, Planes};
use crate::sieve::Sieve;
use crate::template::{Levels, Order, Template};
use crate::{Point, Rect, Settled};

/// Blocks of the sixteen alignments differ too much to be looked at as one when they are smaller.
const FINEST_GROUPS: BlockSize = BlockSize::Eight;

/// With more groups left, it pays to see which lie on ground of one level.
const MANY_GROUPS: usize = 300;

/// With more samples, it pays even for the places of one group.
const MANY_SAMPLES: u64 = 40_000;

/// With more places left, it pays to sum up first what differs at the most promising of them.
const MANY_PLACES: usize = 12;

/// A group for so many pixels of the template are few.
const FEW_GROUPS_SHARE: usize = 20_000;

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

impl Question {
    /// The same where columns count from this one.
    pub(crate) fn counted_from(self, left: i32) -> Self {
        Self {
            places: counted_from(self.places, left),
            start: Point {
                x: self.start.x - left,
                ..self.start
            },
            ..self
        }
    }
}

fn counted_from(rect: Rect, left: i32) -> Rect {
    Rect {
        x: rect.x - left,
        ..rect
    }
}

impl Fit {
    /// The same where columns count from this one.
    pub(crate) fn counted_from(self, left: i32) -> Self {
        let Point { x, y } = self.place;
        Self {
            place: Point { x: x - left, y },
            ..self
        }
    }
}

impl Known {
    /// The same where columns count from this one.
    pub(crate) fn counted_from(self, left: i32) -> Self {
        Self {
            places: counted_from(self.places, left),
            fit: self.fit.map(|fit| fit.counted_from(left)),
        }
    }

    /// Whether no other place can be better.
    pub(crate) fn is_exact_at(&self, start: Point) -> bool {
        self.fit
            == Some(Fit {
                place: start,
                ssd: 0,
            })
    }
}

/// Finds the best place, and says what it took. `area` is where the template lies on the needle's picture.
pub(crate) fn search(
    template: &Template,
    area: Rect,
    planes: &[Arc<Planes>],
    question: Question,
    known: Option<Known>,
) -> (Option<Fit>, Settled) {
    let Question {
        places,
        start,
        bound,
    } = question;
    let mut search = Search {
        template,
        levels: template.levels(area),
        planes,
        order: None,
        kernel: Kernel::detect(),
        start,
        bound,
        best: known
            .and_then(|known| known.fit)
            .filter(|fit| fit.ssd <= bound),
        settled: Settled::AtPlace,
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
        return (search.best, search.settled);
    }
    let known = known.and_then(|known| known.places.intersection(&places));
    for part in without(places, known) {
        let settled = search.scan(part);
        search.settled = search.settled.max(settled);
    }
    (search.best, search.settled)
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

impl<'a> Window<'a> {
    /// Whether it has all rows that a template of this height covers at a place.
    fn has(&self, place: Point, height: usize, channels: usize) -> bool {
        let rows = place.y - self.top..place.y - self.top + height as i32;
        rows.start >= 0 && rows.end as usize * channels <= self.rows.len()
    }

    /// From this row of the frame on.
    fn rows_at(&self, y: i32, channels: usize) -> &[&'a [u8]] {
        &self.rows[(y - self.top) as usize * channels..]
    }
}

struct Search<'a> {
    template: &'a Template,
    levels: &'a Levels,
    planes: &'a [Arc<Planes>],
    /// Unless that of the template.
    order: Option<Order>,
    kernel: Kernel,
    start: Point,
    bound: u64,
    best: Option<Fit>,
    /// The most expensive stage that was needed so far.
    settled: Settled,
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
        let below = window.rows_at(place.y, self.planes.len());
        if let Some(ssd) = self.ssd_within(below, place.x as usize, bound) {
            self.best = Some(Fit { place, ssd });
        }
    }

    /// The sum at a place unless it is above the bound; `rows` are the frame's from there on.
    fn ssd_within(&self, rows: &[&[u8]], x: usize, bound: u64) -> Option<u64> {
        let order = self.order.as_ref().unwrap_or(&self.levels.order);
        self.levels.strips(order).try_fold(0, |ssd, strips| {
            let more = self.kernel.ssd_within(strips, rows, x, bound - ssd)?;
            Some(ssd + more)
        })
    }

    fn scan(&mut self, places: Rect) -> Settled {
        let window = self.window(places);
        let mut sieve = Sieve::new(self.template, self.levels, self.planes, places);
        let mut runs = Run::all(places);
        let mut groups: Vec<Group> = Vec::new();
        // What is left when this few are is summed up sooner than finer blocks are made.
        let few = self.template.width * self.template.height / FEW_GROUPS_SHARE;
        let mut summed = Vec::new();
        for (index, size) in sieve.sizes().enumerate() {
            if index > 0 && (size < FINEST_GROUPS || groups.len() <= few) {
                break;
            }
            groups.clear();
            for run in &runs {
                let left = sieve.groups(run, index, self.bound());
                groups.extend(left.map(|left| Group {
                    lower: left.lower,
                    row: run.row,
                    column: run.columns.start + left.column,
                }));
            }
            if index == 0 && groups.len() > MANY_GROUPS {
                self.drop_flat(&window, &mut groups, places);
            }
            groups.retain(|group| !summed.contains(&(group.row, group.column)));
            // The most promising may lower the bound for all others.
            if let Some(best) = groups.iter().min_by_key(|group| group.lower).copied() {
                if self.order.is_none() && self.template.samples() > MANY_SAMPLES {
                    self.sum_up_differing_first(&window, best.places(places).next());
                }
                self.consider_all(&window, best, places);
                summed.push((best.row, best.column));
            }
            groups.retain(|group| group.lower <= self.bound());
            runs = Run::joined(groups.iter().map(|group| (group.row, group.column)));
        }
        if sieve.sizes().next().is_none() {
            // Too small for blocks.
            let rows = places.y..places.bottom() as i32;
            for (y, x) in rows.flat_map(|y| (places.x..places.right() as i32).map(move |x| (y, x)))
            {
                self.consider(&window, Point { x, y });
            }
            return Settled::Sums;
        }
        if groups.is_empty() {
            return Settled::Groups;
        }
        let mut settled = Settled::Places;
        let mut left: Vec<(u64, Point)> = Vec::new();
        if groups.len() <= few {
            for group in groups {
                left.extend(group.places(places).map(|place| (group.lower, place)));
            }
            runs.clear();
            settled = Settled::FewGroups;
        }
        // The least lower bound so far: what is below it is the most promising yet, and may lower the bound for all that follow.
        let mut record = u64::MAX;
        for run in &runs {
            for (dx, dy) in ALIGNMENTS {
                let Some((run, first)) = run.clipped((dx, dy), places) else {
                    continue;
                };
                let start = left.len();
                let found = sieve.places(&run, (dx, dy), self.bound());
                left.extend(found.map(|found| {
                    let x = first.x + (found.column * LATTICE) as i32;
                    (found.lower, Point { x, ..first })
                }));
                let found = left[start..].iter().min_by_key(|(lower, _)| *lower);
                if let Some(&(lower, place)) = found
                    && lower < record
                {
                    record = lower;
                    self.consider(&window, place);
                }
            }
        }
        left.retain(|(lower, _)| *lower <= self.bound());
        if !left.is_empty() && settled == Settled::Places {
            settled = Settled::Sums;
        }
        left.sort_unstable_by_key(|(lower, place)| (*lower, self.distance(*place)));
        if self.order.is_none() && left.len() > MANY_PLACES {
            self.sum_up_differing_first(&window, left.first().map(|(_, place)| *place));
        }
        for (lower, place) in left {
            if lower > self.bound() {
                break;
            }
            self.consider(&window, place);
        }
        settled
    }

    /// Lets the strips come first that differ most at the best place so far, or else at this one: what differs there most likely
    /// does at its neighbours.
    fn sum_up_differing_first(&mut self, window: &Window<'_>, promising: Option<Point>) {
        let known = self.best.map(|best| best.place);
        let is_inside = |place: &Point| window.has(*place, self.template.height, self.planes.len());
        let Some(place) = known.filter(is_inside).or(promising) else {
            return;
        };
        let rows = window.rows_at(place.y, self.planes.len());
        let differing = |strips: Strips<'_>| {
            let ssd = (self.kernel).ssd_within(strips, rows, place.x as usize, u64::MAX);
            ssd.unwrap_or(u64::MAX)
        };
        self.order = Some(self.levels.ordered_by(differing));
    }

    /// Drops groups on ground of one level, on which the sum at one place is that at all.
    fn drop_flat(&self, window: &Window<'_>, groups: &mut Vec<Group>, places: Rect) {
        let (width, height) = (self.template.width, self.template.height);
        let end = (places.bottom() as usize - 1 + height).div_ceil(LATTICE);
        let flatness = Flatness::of(self.planes, places.y as usize / LATTICE..end);
        // What came of the last ground.
        let mut last: Option<(Vec<u8>, bool)> = None;
        let mut is_hopeless = |group: &Group| {
            let (right, bottom) = (group.column * LATTICE, group.row * LATTICE);
            let (x, y) = (
                right.saturating_sub(LATTICE - 1).max(places.x as usize),
                bottom.saturating_sub(LATTICE - 1).max(places.y as usize),
            );
            let (right, bottom) = (
                right.min(places.right() as usize - 1),
                bottom.min(places.bottom() as usize - 1),
            );
            if !flatness.is_flat((x, y), (right + width, bottom + height)) {
                return false;
            }
            let rows = window.rows_at(y as i32, self.planes.len());
            let ground = rows.iter().take(self.planes.len()).map(|row| row[x]);
            if let Some((known, hopeless)) = &last
                && ground.clone().eq(known.iter().copied())
            {
                return *hopeless;
            }
            let hopeless = self.ssd_within(rows, x, self.bound()).is_none();
            last = Some((ground.collect(), hopeless));
            hopeless
        };
        groups.retain(|group| !is_hopeless(group));
    }

    /// Sums up at each place of a group.
    fn consider_all(&mut self, window: &Window<'_>, group: Group, places: Rect) {
        for place in group.places(places) {
            self.consider(window, place);
        }
    }
}
