//! The sketch of a match area.

use super::frame_sketch::FrameSketch;
use super::{SIDES, STEP};
use crate::matcher::frame::{Channel, Plane};
use crate::needle::{Area, Channels, Freedom, SearchRatio};
use crate::picture::Picture;
use crate::rect::Rect;

/// With fewer blocks, a smaller size tells more.
const FEW_BLOCKS: usize = 12;

/// More blocks seldom rule out another place.
const MOST_BLOCKS: usize = 64;

/// So many blocks are summed up before the sums are looked at.
const AT_ONCE: usize = 8;

/// The blocks of one size of an area that is searched near its recorded place.
#[derive(Debug)]
pub(super) struct AreaSketch {
    rect: Rect,
    /// The size of the needle's picture.
    picture: (u32, u32),
    margin: i64,
    /// True if the needle has exclude areas. Blocks near them are left out.
    is_covered: bool,
    /// The index in [`SIDES`].
    size: usize,
    /// The greatest sum with which the area may match, counted in blocks; none if it never matches.
    limit: Option<u64>,
    /// The most telling blocks first.
    blocks: Vec<Block>,
}

/// A block, counted in lattice points from the first one on the area.
#[derive(Clone, Copy, Debug)]
struct Block {
    x: u16,
    y: u16,
    /// The least mean over all alignments, rounded down.
    low: u8,
    /// The greatest mean over all alignments, rounded up.
    high: u8,
}

impl AreaSketch {
    /// Sketches an area. Returns `None` if a sketch cannot rule it out: it is compared in colour, moves with another
    /// area, is too small, or does not lie on its picture.
    pub(super) fn of(area: &Area, picture: &Picture, excludes: &[Rect]) -> Option<Self> {
        let rect = area.rect;
        let margin = area.margin.effective(SearchRatio::MARGIN);
        let usable = area.channels == Channels::Gray
            && area.freedom == Freedom::Alone
            && !rect.is_empty()
            && rect.is_inside(picture.width(), picture.height());
        if !usable {
            return None;
        }
        let fit = |size: usize| {
            let count = |length: u32| (length as usize).saturating_sub(STEP - 1) / SIDES[size];
            (count(rect.width), count(rect.height))
        };
        let blocks = |size: &usize| fit(*size).0 * fit(*size).1;
        let sizes = 0..SIDES.len();
        let size = sizes.clone().find(|size| blocks(size) >= FEW_BLOCKS);
        let size = size.or_else(|| sizes.rev().find(|size| blocks(size) > 0))?;
        let side = SIDES[size];
        let limit = area.level.greatest_ssd(rect.pixels());
        let mut blocks = blocks_of(picture, rect, side, fit(size));
        blocks.retain(|block| {
            let (x, y) = (usize::from(block.x) * STEP, usize::from(block.y) * STEP);
            let reach = (side + STEP - 1) as u32;
            let place = Rect::new(rect.x + x as i32, rect.y + y as i32, reach, reach);
            !excludes
                .iter()
                .any(|exclude| is_near(exclude, &place, margin))
        });
        most_telling(&mut blocks);
        Some(Self {
            rect,
            picture: (picture.width(), picture.height()),
            margin,
            size,
            limit: limit.map(|limit| limit / (side * side) as u64),
            is_covered: !excludes.is_empty(),
            blocks,
        })
    }

    /// Returns false if the area is certainly not on the frame.
    pub(super) fn may_match(&self, frame: &FrameSketch) -> bool {
        let Some(limit) = self.limit else {
            return false;
        };
        if !self.rect.is_inside(frame.width, frame.height) {
            return false;
        }
        let scaled =
            |at: i32, frame: u32, own: u32| i64::from(at) * i64::from(frame) / i64::from(own);
        let (x, y) = (
            scaled(self.rect.x, frame.width, self.picture.0),
            scaled(self.rect.y, frame.height, self.picture.1),
        );
        let (Some(columns), Some(rows)) = (
            groups(x, self.margin, self.rect.width, frame.width),
            groups(y, self.margin, self.rect.height, frame.height),
        ) else {
            return false;
        };
        // On a frame of another size, exclude areas are elsewhere on the area.
        if self.is_covered && (frame.width, frame.height) != self.picture {
            return true;
        }
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let mut sums = vec![0_u32; columns.len()];
        rows.into_iter()
            .any(|row| self.may_match_in(frame, row, columns.start, &mut sums, limit))
    }

    /// Returns true if a group of places in this lattice row may match. `sums` has a number for each group.
    fn may_match_in(
        &self,
        frame: &FrameSketch,
        row: usize,
        column: usize,
        sums: &mut [u32],
        limit: u32,
    ) -> bool {
        sums.fill(0);
        for blocks in self.blocks.chunks(AT_ONCE) {
            for block in blocks {
                let at = (column + usize::from(block.x), row + usize::from(block.y));
                // Never outside: then the block says nothing.
                let Some(means) = frame.row(self.size, at, sums.len()) else {
                    continue;
                };
                for (sum, &mean) in sums.iter_mut().zip(means) {
                    // The mean was rounded down.
                    let below = block.low.saturating_sub(mean.saturating_add(1));
                    let distance = u32::from(below.max(mean.saturating_sub(block.high)));
                    *sum += distance * distance;
                }
            }
            if sums.iter().all(|sum| *sum > limit) {
                return false;
            }
        }
        true
    }
}

/// Returns true if an exclude area may hide pixels that a part of an area is compared with.
fn is_near(exclude: &Rect, rect: &Rect, margin: i64) -> bool {
    // The blur reads one pixel further.
    let reach = i32::try_from(margin.clamp(0, 1 << 20)).unwrap_or(0) + 2;
    let near = Rect::new(
        rect.x.saturating_sub(reach),
        rect.y.saturating_sub(reach),
        rect.width.saturating_add(2 * reach.unsigned_abs()),
        rect.height.saturating_add(2 * reach.unsigned_abs()),
    );
    exclude.intersection(&near).is_some()
}

/// Returns the lattice columns, or rows, of the first lattice point on the area, for all its places.
fn groups(start: i64, margin: i64, length: u32, frame: u32) -> Option<std::ops::Range<usize>> {
    let first = start.saturating_sub(margin).max(0);
    let last = start
        .saturating_add(i64::from(length))
        .saturating_add(margin);
    let last = last.min(i64::from(frame)) - i64::from(length);
    let (first, last) = (usize::try_from(first).ok()?, usize::try_from(last).ok()?);
    (first <= last).then(|| first.div_ceil(STEP)..last.div_ceil(STEP) + 1)
}

fn blocks_of(
    picture: &Picture,
    rect: Rect,
    side: usize,
    (across, down): (usize, usize),
) -> Vec<Block> {
    let sums = Sums::of(&Plane::of(picture, rect, Channel::Gray, &[]));
    let places = (0..down).flat_map(|y| (0..across).map(move |x| (x * side, y * side)));
    places
        .map(|(x, y)| {
            let alignments = (0..STEP).flat_map(|dy| (0..STEP).map(move |dx| (dx, dy)));
            let sums = alignments.map(|(dx, dy)| sums.block(x + dx, y + dy, side));
            let (low, high) = sums.fold((u32::MAX, 0), |(low, high), sum| {
                (low.min(sum), high.max(sum))
            });
            let pixels = (side * side) as u32;
            Block {
                x: (x / STEP) as u16,
                y: (y / STEP) as u16,
                low: (low / pixels) as u8,
                high: high.div_ceil(pixels) as u8,
            }
        })
        .collect()
}

/// Keeps the most telling blocks. Those that are unlike the rest are rare elsewhere, too.
fn most_telling(blocks: &mut Vec<Block>) {
    let middle = |block: &Block| i32::from(block.low) + i32::from(block.high);
    let mean = blocks.iter().map(middle).sum::<i32>() / blocks.len().max(1) as i32;
    blocks.sort_by_key(|block| {
        let width = i32::from(block.high) - i32::from(block.low);
        width - (middle(block) - mean).abs()
    });
    blocks.truncate(MOST_BLOCKS);
}

/// The sums of the levels above and left of each pixel.
struct Sums {
    stride: usize,
    /// They wrap around. Differences over blocks are right nevertheless.
    sums: Vec<u32>,
}

impl Sums {
    fn of(plane: &Plane) -> Self {
        let (width, height) = (plane.rect.width as usize, plane.rect.height as usize);
        let stride = width + 1;
        let mut sums = vec![0_u32; stride * (height + 1)];
        for y in 0..height {
            let row = plane.row(plane.rect.y as usize + y);
            let mut total = 0_u32;
            for (x, level) in row.iter().enumerate() {
                total = total.wrapping_add(u32::from(*level));
                sums[(y + 1) * stride + x + 1] = total.wrapping_add(sums[y * stride + x + 1]);
            }
        }
        Self { stride, sums }
    }

    fn block(&self, x: usize, y: usize, side: usize) -> u32 {
        let at = |x: usize, y: usize| self.sums[y * self.stride + x];
        let right = at(x + side, y + side).wrapping_sub(at(x + side, y));
        right.wrapping_sub(at(x, y + side).wrapping_sub(at(x, y)))
    }
}
