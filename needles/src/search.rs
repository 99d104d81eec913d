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
//!    and the nearest of them taken (`flatness`). The most promising place is summed up after each size and lowers the bound.
//! 4. Places that are left are looked at by finer blocks, as long as making these costs less than what they save.
//! 5. What is left is summed in the order of its lower bounds: in these, the bound of one block after the other is replaced by its sum, those
//!    first that likely gain most, until the bound is exceeded (`refining`).

use std::sync::Arc;

use crate::block_size::BlockSize;
use crate::flatness::Flatness;
use crate::kernel::Kernel;
use crate::lattice::{ALIGNMENTS, Group, PlaceLeft, Run};
use crate::planes::{LATTICE, Planes};
use crate::refining::{Refining, RefiningOrder};
use crate::sieve::Sieve;
use crate::template::{Levels, Template};
use crate::{Point, Rect, Settled};

/// Blocks of the sixteen alignments differ too much to be looked at as one when they are smaller.
const FINEST_GROUPS: BlockSize = BlockSize::Eight;

/// With more groups left, it pays to see which lie on ground of one level.
const MANY_GROUPS: usize = 300;

/// With as many samples, sums over single blocks cost less than one over all.
const WORTH_REFINING: u64 = 16_384;

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
        kernel: Kernel::detect(),
        start,
        bound,
        best: known
            .and_then(|known| known.fit)
            .filter(|fit| fit.ssd <= bound),
        settled: Settled::AtPlace,
        orders: Default::default(),
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
    let settled = search.scan(places, known);
    (search.best, search.settled.max(settled))
}

/// The rows of the frame that a template covers at some of the places.
struct Window<'a> {
    /// The first of them.
    top: i32,
    /// Blurred levels, `y * channels + channel`.
    rows: Vec<&'a [u8]>,
}

impl<'a> Window<'a> {
    /// From this row of the frame on.
    fn rows_at(&self, y: i32, channels: usize) -> &[&'a [u8]] {
        &self.rows[(y - self.top) as usize * channels..]
    }
}

struct Search<'a> {
    template: &'a Template,
    levels: &'a Levels,
    planes: &'a [Arc<Planes>],
    kernel: Kernel,
    start: Point,
    bound: u64,
    best: Option<Fit>,
    /// The most expensive stage that was needed so far.
    settled: Settled,
    /// By the size of blocks.
    orders: [Option<RefiningOrder>; BlockSize::ALL.len()],
}

impl<'a> Search<'a> {
    fn window(&self, places: Rect) -> Window<'a> {
        let top = places.y as usize;
        let rows = top..top + places.height as usize - 1 + self.template.height;
        let rows = match self.planes {
            [plane] => plane.smooth_rows(rows).collect(),
            planes => {
                let row = |y| planes.iter().map(move |planes| planes.smooth_row(y));
                rows.flat_map(row).collect()
            }
        };
        Window {
            top: places.y,
            rows,
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

    /// The greatest sum with which a place is better than the best; none where none is.
    fn bound_at(&self, place: Point) -> Option<u64> {
        match self.best {
            None => Some(self.bound),
            Some(best) if self.distance(place) < self.distance(best.place) => Some(best.ssd),
            // As good isn't good enough here.
            Some(best) => best.ssd.checked_sub(1),
        }
    }

    /// Sums up at a place, if it can be better than the best, and keeps it if it is.
    fn consider(&mut self, window: &Window<'_>, place: Point) {
        let Some(bound) = self.bound_at(place) else {
            return;
        };
        let below = window.rows_at(place.y, self.planes.len());
        let ssd = (self.kernel).ssd_within(self.levels.whole(), below, place.x as usize, bound);
        if let Some(ssd) = ssd {
            self.best = Some(Fit { place, ssd });
        }
    }

    /// The same where the blocks of a size say what the sum is at least: by their sums first, as far as these tell more.
    fn consider_in_blocks(&mut self, window: &Window<'_>, sieve: &Sieve<'_>, left: PlaceLeft) {
        let (PlaceLeft { lower, size, .. }, place) = (left, left.place());
        let Some(bound) = self.bound_at(place).filter(|bound| lower <= *bound) else {
            return;
        };
        if self.template.samples() >= WORTH_REFINING {
            let refining = Refining {
                blocks: sieve.at(size, place, self.bound),
                levels: self.levels,
                rows: window.rows_at(place.y, self.planes.len()),
                x: place.x as usize,
                kernel: self.kernel,
            };
            let order = self.orders[size].get_or_insert_with(|| refining.order());
            if refining.exceeds(bound, lower, order) {
                return;
            }
        }
        self.consider(window, place);
    }

    /// Looks at all places but those in `known`, which need not be looked at.
    fn scan(&mut self, places: Rect, known: Option<Rect>) -> Settled {
        let window = self.window(places);
        let mut sieve = Sieve::new(self.template, self.levels, self.planes, places);
        let sizes = sieve.sizes().count();
        if sizes == 0 {
            // Too small for blocks.
            let rows = places.y..places.bottom() as i32;
            for (y, x) in rows.flat_map(|y| (places.x..places.right() as i32).map(move |x| (y, x)))
            {
                self.consider(&window, Point { x, y });
            }
            return Settled::Sums;
        }
        let mut runs = Run::all(places, known);
        let mut groups: Vec<Group> = Vec::new();
        // What is left when this few are is ruled out place by place sooner than finer blocks are made.
        let few = self.template.width * self.template.height / FEW_GROUPS_SHARE;
        let mut looked_at = 0;
        let mut considered = None;
        for (index, size) in sieve.sizes().enumerate() {
            if index > 0 && (size < FINEST_GROUPS || groups.len() <= few) {
                break;
            }
            looked_at = index + 1;
            sieve.narrow(runs.iter().map(|run| run.row));
            groups = sieve.groups(&runs, index, self.bound());
            if index == 0 && groups.len() > MANY_GROUPS {
                self.settle_flat(&window, &mut groups, places);
            }
            // The most promising place may lower the bound for all others.
            if let Some(best) = groups.iter().min_by_key(|group| group.lower).copied() {
                let lowers = best.places(places).map(|place| {
                    let lower = sieve.at(index, place, self.bound).lower_of_all();
                    (lower, place)
                });
                let best = lowers.min_by_key(|(lower, place)| (*lower, self.distance(*place)));
                if let Some((lower, place)) = best
                    && considered != Some(place)
                {
                    let found = PlaceLeft::at(place, lower, index);
                    self.consider_in_blocks(&window, &sieve, found);
                    considered = Some(place);
                }
            }
            groups.retain(|group| group.lower <= self.bound());
            runs = Run::joined(groups.iter().map(|group| (group.row, group.column)));
        }
        if groups.is_empty() {
            return Settled::Groups;
        }
        let mut left: Vec<PlaceLeft> = Vec::new();
        // The least lower bound so far: what is below it is the most promising yet, and may lower the bound for all that follow.
        let mut record = u64::MAX;
        for offset in ALIGNMENTS {
            let start = left.len();
            let among = (places, self.bound());
            sieve.places(&runs, offset, 0..looked_at, among, &mut left);
            let found = left[start..].iter().min_by_key(|left| left.lower);
            if let Some(found) = found
                && found.lower < record
            {
                record = found.lower;
                self.consider_in_blocks(&window, &sieve, *found);
            }
        }
        left.retain(|left| left.lower <= self.bound());
        while looked_at < sizes && sieve.pays(looked_at, left.len()) {
            let finer = looked_at..looked_at + 1;
            sieve.narrow(left.iter().map(|left| left.row));
            let mut finer_left = Vec::new();
            for offset in ALIGNMENTS {
                let points = left.iter().filter(|left| left.offset == offset);
                let runs = Run::joined(points.map(|left| (left.row, left.column)));
                let among = (places, self.bound());
                sieve.places(&runs, offset, finer.clone(), among, &mut finer_left);
            }
            left = finer_left;
            if let Some(best) = left.iter().min_by_key(|left| left.lower).copied() {
                self.consider_in_blocks(&window, &sieve, best);
            }
            left.retain(|left| left.lower <= self.bound());
            looked_at += 1;
        }
        let settled = match (left.is_empty(), groups.len() <= few) {
            (true, _) => Settled::Places,
            (false, true) => Settled::FewGroups,
            (false, false) => Settled::Sums,
        };
        left.sort_unstable_by_key(|left| (left.lower, self.distance(left.place())));
        for left in left {
            if left.lower > self.bound() {
                break;
            }
            self.consider_in_blocks(&window, &sieve, left);
        }
        settled
    }

    /// Settles groups on ground of one level, on which the sum at one place is that at all, so that the nearest is the best.
    fn settle_flat(&mut self, window: &Window<'_>, groups: &mut Vec<Group>, places: Rect) {
        let (width, height) = (self.template.width, self.template.height);
        let end = (places.bottom() as usize - 1 + height).div_ceil(LATTICE);
        let flatness = Flatness::of(self.planes, places.y as usize / LATTICE..end);
        // What came of the last ground: its sum, unless that was above the bound.
        let mut summed: Option<(Vec<u8>, Option<u64>)> = None;
        let mut settle = |group: &Group| {
            let (first, last) = group.corners(places);
            let (x, y) = (first.x as usize, first.y as usize);
            let end = (last.x as usize + width, last.y as usize + height);
            if !flatness.is_flat((x, y), end) {
                return false;
            }
            let rows = window.rows_at(y as i32, self.planes.len());
            let ground = rows.iter().take(self.planes.len()).map(|row| row[x]);
            let ssd = match &summed {
                Some((known, ssd)) if ground.clone().eq(known.iter().copied()) => *ssd,
                Some(_) | None => {
                    let ssd = (self.kernel).ssd_within(self.levels.whole(), rows, x, self.bound());
                    summed = Some((ground.collect(), ssd));
                    ssd
                }
            };
            let nearest = Point {
                x: self.start.x.clamp(first.x, last.x),
                y: self.start.y.clamp(first.y, last.y),
            };
            if let (Some(ssd), Some(bound)) = (ssd, self.bound_at(nearest))
                && ssd <= bound
            {
                self.best = Some(Fit {
                    place: nearest,
                    ssd,
                });
            }
            true
        };
        groups.retain(|group| !settle(group));
    }
}
