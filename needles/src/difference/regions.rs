//! Finds the one part in which a screen differs from a needle's picture.

use super::Difference;
use crate::matcher::Outcome;
use crate::needle::AreaKind;
use crate::picture::Picture;
use crate::rect::Rect;

/// Width and height of the tiles that are compared.
const TILE: u32 = 16;

/// A pixel differs if a channel differs by more than this. Pictures of boards have noise.
const DIFFERS: u8 = 24;

/// A tile differs if more than this many of its pixels differ.
const PIXELS: usize = 8;

/// The rectangle may be at most this part of the screen: 1 in this number. Larger ones say that it is another screen.
const PART: usize = 2;

/// At most 1 in this number of the tiles may differ elsewhere: a clock, an icon.
const ELSEWHERE: usize = 40;

/// Returns the rectangle that has nearly all that differs, if it touches an area that does not match.
pub(super) fn only_in(
    outcome: &Outcome,
    picture: &Picture,
    screen: &Picture,
) -> Option<Difference> {
    if (picture.width(), picture.height()) != (screen.width(), screen.height()) {
        return None;
    }
    let tiles = Tiles::of(picture, screen, outcome);
    let regions = tiles.regions();
    let largest = regions.iter().max_by_key(|region| region.count)?;
    let all: usize = regions.iter().map(|region| region.count).sum();
    let rect = largest.rect(picture);
    let is_large = largest.area() * PART > tiles.differs.len();
    let is_elsewhere = (all - largest.count) * ELSEWHERE > tiles.differs.len();
    // A region with many holes is no window.
    let is_scattered = largest.count * 2 < largest.area();
    let mut missed = outcome.areas.iter().filter(|area| !area.ok);
    let touches = missed.all(|area| {
        let recorded = outcome.needle.areas().get(area.area);
        recorded.is_some_and(|area| area.rect.intersection(&rect).is_some())
    });
    (touches && !is_large && !is_elsewhere && !is_scattered).then_some(Difference::OnlyIn(rect))
}

/// The tiles of two pictures of one size, row by row.
struct Tiles {
    columns: usize,
    differs: Vec<bool>,
}

/// Tiles that differ and touch each other.
struct Region {
    count: usize,
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Tiles {
    /// Compares two pictures of one size. Excluded areas of the needle do not differ.
    fn of(one: &Picture, other: &Picture, outcome: &Outcome) -> Self {
        let columns = one.width().div_ceil(TILE) as usize;
        let rows = one.height().div_ceil(TILE) as usize;
        let mut counts = vec![0_usize; columns * rows];
        let areas = outcome.needle.areas().iter();
        let excluded: Vec<Rect> = areas
            .filter(|area| area.kind == AreaKind::Exclude)
            .map(|area| area.rect)
            .collect();
        for y in 0..one.height() {
            let (a, b) = (one.row(y as usize), other.row(y as usize));
            let pixels = (0_u32..).zip(a.chunks_exact(3).zip(b.chunks_exact(3)));
            for (x, _) in pixels.filter(|(_, (a, b))| differ(a, b)) {
                let at = Rect::new(
                    i32::try_from(x).unwrap_or(i32::MAX),
                    i32::try_from(y).unwrap_or(i32::MAX),
                    1,
                    1,
                );
                if !excluded.iter().any(|rect| rect.intersection(&at).is_some()) {
                    counts[(y / TILE) as usize * columns + (x / TILE) as usize] += 1;
                }
            }
        }
        Self {
            columns,
            differs: counts.into_iter().map(|count| count > PIXELS).collect(),
        }
    }

    /// Returns the regions of tiles that differ. Tiles that touch at a corner belong together.
    fn regions(&self) -> Vec<Region> {
        let rows = self.differs.len() / self.columns.max(1);
        let mut left = self.differs.clone();
        let mut regions = Vec::new();
        for start in 0..left.len() {
            if !std::mem::take(&mut left[start]) {
                continue;
            }
            let mut region = Region::at(start % self.columns, start / self.columns);
            let mut todo = vec![start];
            while let Some(tile) = todo.pop() {
                let (x, y) = (tile % self.columns, tile / self.columns);
                region.add(x, y);
                for near_y in y.saturating_sub(1)..(y + 2).min(rows) {
                    for near_x in x.saturating_sub(1)..(x + 2).min(self.columns) {
                        let near = near_y * self.columns + near_x;
                        if std::mem::take(&mut left[near]) {
                            todo.push(near);
                        }
                    }
                }
            }
            regions.push(region);
        }
        regions
    }
}

fn differ(one: &[u8], other: &[u8]) -> bool {
    let mut channels = one.iter().zip(other);
    channels.any(|(one, other)| one.abs_diff(*other) > DIFFERS)
}

impl Region {
    fn at(x: usize, y: usize) -> Self {
        Self {
            count: 0,
            left: x,
            top: y,
            right: x,
            bottom: y,
        }
    }

    fn add(&mut self, x: usize, y: usize) {
        self.count += 1;
        (self.left, self.right) = (self.left.min(x), self.right.max(x));
        (self.top, self.bottom) = (self.top.min(y), self.bottom.max(y));
    }

    /// The number of tiles in its rectangle.
    fn area(&self) -> usize {
        (self.right - self.left + 1) * (self.bottom - self.top + 1)
    }

    /// Its rectangle, in pixels.
    fn rect(&self, picture: &Picture) -> Rect {
        let pixels = |tiles: usize, most: u32| {
            u32::try_from(tiles)
                .unwrap_or(u32::MAX)
                .saturating_mul(TILE)
                .min(most)
        };
        let (left, top) = (
            pixels(self.left, picture.width()),
            pixels(self.top, picture.height()),
        );
        let (right, bottom) = (
            pixels(self.right + 1, picture.width()),
            pixels(self.bottom + 1, picture.height()),
        );
        Rect::new(
            i32::try_from(left).unwrap_or(i32::MAX),
            i32::try_from(top).unwrap_or(i32::MAX),
            right - left,
            bottom - top,
        )
    }
}
