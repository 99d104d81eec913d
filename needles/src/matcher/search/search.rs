//! Runs the stages of a search.

use std::sync::Arc;

use super::flatness::Flatness;
use super::refining::Refining;
use super::sieve::Sieve;
use crate::matcher::block_size::BlockSize;
use crate::matcher::frame::Planes;
use crate::matcher::kernel::Kernel;
use crate::matcher::lattice::{ALIGNMENTS, Group, LATTICE, RemainingPlace, Run};
use crate::matcher::request::{Fit, KnownAnswer, SearchRequest};
use crate::matcher::settled::Settled;
use crate::matcher::template::{Levels, Template};
use crate::rect::{Point, Rect};

/// The smallest size for groups. In smaller blocks the sixteen alignments differ too much.
const FINEST_GROUPS: BlockSize = BlockSize::Eight;

/// With more groups left, it pays to look for ground of one level.
const MANY_GROUPS: usize = 300;

/// A window of more samples rarely has one level throughout.
const MOST_FLAT: u64 = 65_536;

/// From so many samples on, sums of single blocks cost less than sums of the whole template.
const WORTH_REFINING: u64 = 16_384;

/// So many places with the least lower bounds are summed up before the others.
const MOST_PROMISING: usize = 16;

/// Groups count as few if there is at most one for so many pixels of the template.
const FEW_GROUPS_SHARE: usize = 20_000;

/// Finds the best place, and returns the stage that decided. `area` is the template's rectangle on the needle's
/// picture.
pub(crate) fn search(
    template: &Template,
    area: Rect,
    planes: &[Arc<Planes>],
    request: SearchRequest,
    known: Option<KnownAnswer>,
) -> (Option<Fit>, Settled) {
    let SearchRequest {
        places,
        start,
        bound,
    } = request;
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
    /// The first row.
    top: i32,
    /// Blurred levels, `y * channels + channel`.
    rows: Vec<&'a [u8]>,
}

impl<'a> Window<'a> {
    /// Returns the rows from row `y` of the frame on.
    fn rows_at(&self, y: i32, channels: usize) -> &[&'a [u8]] {
        &self.rows[(y - self.top) as usize * channels..]
    }
}

/// The groups that a scan has not ruled out.
struct Groups {
    left: Vec<Group>,
    /// The lattice points of these groups.
    runs: Vec<Run>,
    /// The number of block sizes that were looked at, the largest first.
    sizes: usize,
}

struct Search<'a> {
    template: &'a Template,
    levels: &'a Levels,
    planes: &'a [Arc<Planes>],
    kernel: Kernel,
    start: Point,
    bound: u64,
    best: Option<Fit>,
    /// The most expensive stage so far.
    settled: Settled,
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

    /// Returns the greatest sum that can still be the result.
    fn bound(&self) -> u64 {
        self.best.map_or(self.bound, |best| best.ssd)
    }

    /// Returns the rank of a place among equal sums: the distance from the recorded place, then y, then x.
    fn distance(&self, place: Point) -> (i64, i32, i32) {
        let (dx, dy) = (
            i64::from(place.x - self.start.x),
            i64::from(place.y - self.start.y),
        );
        (dx * dx + dy * dy, place.y, place.x)
    }

    /// Returns the greatest sum with which a place is better than the best one. Returns `None` if no sum is.
    fn bound_at(&self, place: Point) -> Option<u64> {
        match self.best {
            None => Some(self.bound),
            Some(best) if self.distance(place) < self.distance(best.place) => Some(best.ssd),
            // An equal sum is not enough here.
            Some(best) => best.ssd.checked_sub(1),
        }
    }

    /// Sums up at a place if it can be the best, and keeps it if it is.
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

    /// Sums up at the remaining places, the most promising first.
    fn consider_all(
        &mut self,
        window: &Window<'_>,
        sieve: &Sieve<'_>,
        mut left: Vec<RemainingPlace>,
    ) {
        if self.template.samples() >= WORTH_REFINING {
            left = self.refined(window, sieve, left);
        }
        // A better bound rules out many places, but sorting all of them costs more than looking at them.
        let first = left.len().min(MOST_PROMISING);
        let key = |left: &RemainingPlace| (left.lower, left.place().y, left.place().x);
        if first < left.len() {
            left.select_nth_unstable_by_key(first, key);
        }
        left[..first].sort_unstable_by_key(key);
        for found in left {
            if found.lower <= self.bound()
                && self.best.is_none_or(|best| best.place != found.place())
            {
                self.consider(window, found.place());
            }
        }
    }

    /// Returns the remaining places without those that single blocks rule out.
    fn refined(
        &mut self,
        window: &Window<'_>,
        sieve: &Sieve<'_>,
        mut left: Vec<RemainingPlace>,
    ) -> Vec<RemainingPlace> {
        let mut refined = Vec::new();
        while let Some(size) = left.first().map(|left| left.size) {
            let mut of_size: Vec<RemainingPlace> =
                left.extract_if(.., |left| left.size == size).collect();
            let refining = Refining {
                blocks: sieve.everywhere(size, self.bound),
                template: self.levels.whole(),
                rows: &window.rows,
                top: window.top as usize,
                channels: self.planes.len(),
                kernel: self.kernel,
            };
            refining.retain(&mut of_size, self.bound(), |best| {
                self.consider(window, best.place());
                self.bound()
            });
            refined.append(&mut of_size);
        }
        refined
    }

    /// Looks at all places except those in `known`.
    fn scan(&mut self, places: Rect, known: Option<Rect>) -> Settled {
        let window = self.window(places);
        let mut sieve = Sieve::new(self.template, self.levels, self.planes, places);
        if sieve.sizes().next().is_none() {
            // The template is too small for blocks.
            self.consider_everywhere(&window, places);
            return Settled::Sums;
        }
        // So few groups are ruled out place by place faster than smaller blocks are computed.
        let few = self.template.width * self.template.height / FEW_GROUPS_SHARE;
        let groups = self.scan_groups(&window, &mut sieve, Run::all(places, known), (places, few));
        if groups.left.is_empty() {
            return Settled::Groups;
        }
        let left = self.scan_places(&window, &mut sieve, &groups, places);
        let left = self.scan_finer(&window, &mut sieve, groups.sizes, (places, left));
        let settled = match (left.is_empty(), groups.left.len() <= few) {
            (true, _) => Settled::Places,
            (false, true) => Settled::FewGroups,
            (false, false) => Settled::Sums,
        };
        self.consider_all(&window, &sieve, left);
        settled
    }

    /// Sums up at all places.
    fn consider_everywhere(&mut self, window: &Window<'_>, places: Rect) {
        for y in places.y..places.bottom() as i32 {
            for x in places.x..places.right() as i32 {
                self.consider(window, Point { x, y });
            }
        }
    }

    /// Rules out groups by blocks of one size after the other. Stops when at most `few` groups are left.
    fn scan_groups(
        &mut self,
        window: &Window<'_>,
        sieve: &mut Sieve<'_>,
        mut runs: Vec<Run>,
        (places, few): (Rect, usize),
    ) -> Groups {
        let mut groups: Vec<Group> = Vec::new();
        let mut sizes = 0;
        let mut considered = None;
        for (index, size) in sieve.sizes().enumerate() {
            if index > 0 && (size < FINEST_GROUPS || groups.len() <= few) {
                break;
            }
            sizes = index + 1;
            sieve.narrow(runs.iter().map(|run| run.row));
            groups = sieve.groups(&runs, index, self.bound());
            if index == 0 && groups.len() > MANY_GROUPS && self.template.samples() <= MOST_FLAT {
                self.settle_flat(window, &mut groups, places);
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
                    && lower <= self.bound()
                {
                    self.consider(window, place);
                    considered = Some(place);
                }
            }
            groups.retain(|group| group.lower <= self.bound());
            runs = Run::joined(groups.iter().map(|group| (group.row, group.column)));
        }
        Groups {
            left: groups,
            runs,
            sizes,
        }
    }

    /// Rules out places of the remaining groups one by one, by the sizes of blocks that ruled out groups.
    fn scan_places(
        &mut self,
        window: &Window<'_>,
        sieve: &mut Sieve<'_>,
        groups: &Groups,
        places: Rect,
    ) -> Vec<RemainingPlace> {
        let mut left: Vec<RemainingPlace> = Vec::new();
        let finest = groups.sizes - 1;
        if sieve.has_many_blocks(finest) && groups.left.len() <= MANY_GROUPS {
            for place in groups.left.iter().flat_map(|group| group.places(places)) {
                let at = sieve.at(finest, place, self.bound);
                if let Some(lower) = at.lower_within(self.bound()) {
                    left.push(RemainingPlace::at(place, lower, finest));
                }
            }
        } else {
            // The least lower bound so far. A lower one is the most promising place yet, and may lower the bound for
            // all others.
            let mut record = u64::MAX;
            for offset in ALIGNMENTS {
                let start = left.len();
                let among = (places, self.bound());
                sieve.places(&groups.runs, offset, 0..groups.sizes, among, &mut left);
                let found = left[start..].iter().min_by_key(|left| left.lower);
                if let Some(found) = found
                    && found.lower < record
                {
                    record = found.lower;
                    self.consider(window, found.place());
                }
            }
        }
        left.retain(|left| left.lower <= self.bound());
        left
    }

    /// Rules out places by smaller blocks than the first `looked_at` sizes, as long as that pays.
    fn scan_finer(
        &mut self,
        window: &Window<'_>,
        sieve: &mut Sieve<'_>,
        looked_at: usize,
        (places, mut left): (Rect, Vec<RemainingPlace>),
    ) -> Vec<RemainingPlace> {
        for size in looked_at..sieve.sizes().count() {
            if !sieve.pays(size, left.len()) {
                break;
            }
            sieve.narrow(left.iter().map(|left| left.row));
            let mut finer_left = Vec::new();
            for offset in ALIGNMENTS {
                let points = left.iter().filter(|left| left.offset == offset);
                let runs = Run::joined(points.map(|left| (left.row, left.column)));
                let among = (places, self.bound());
                sieve.places(&runs, offset, size..size + 1, among, &mut finer_left);
            }
            left = finer_left;
            if let Some(best) = left.iter().min_by_key(|left| left.lower).copied() {
                self.consider(window, best.place());
            }
            left.retain(|left| left.lower <= self.bound());
        }
        left
    }

    /// Settles groups on ground of one level: all places there have the same sum, so the nearest place is the best.
    fn settle_flat(&mut self, window: &Window<'_>, groups: &mut Vec<Group>, places: Rect) {
        let (width, height) = (self.template.width, self.template.height);
        let end = (places.bottom() as usize - 1 + height).div_ceil(LATTICE);
        let flatness = Flatness::of(self.planes, places.y as usize / LATTICE..end);
        // The last ground and its sum; no sum if it was above the bound.
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
