//! Proposes an area for a needle: a part of a screen that tells it from others and does not move.
//!
//! The screen is cut into blocks of 8x8 pixels. A block has *texture* if it has edges, as text and signs have. Other
//! screens on which most blocks with texture are equal show the same thing at another time; blocks that differ there
//! move, like a clock. An area has no block that moves. It must not match a screen that shows another thing.

use std::sync::Arc;

use crate::matcher::{PreparedFrame, PreparedNeedle, find};
use crate::needle::{Area, Needle, SearchRatio};
use crate::picture::Picture;
use crate::rect::Rect;

/// The side of a block, in pixels.
const BLOCK: u32 = 8;

/// A difference of brightness between two neighbours that is an edge.
const EDGE: u32 = 24;

/// Two screens show the same thing if this share of the blocks that have texture on either is equal.
const ALIKE: f64 = 0.5;

/// The sizes of areas to try, in blocks.
const SIZES: [(usize, usize); 8] = [
    (48, 8),
    (40, 6),
    (30, 4),
    (24, 8),
    (20, 4),
    (16, 6),
    (12, 4),
    (8, 8),
];

/// The share of the blocks of an area that must have texture.
const TEXTURED: f64 = 0.2;

/// The number of areas that are tried on the screens that show another thing.
const TRIES: usize = 8;

/// Proposes an area of a screen. `others` are other screens of the same machine, at other times.
///
/// Returns none if the screen has nothing that tells it from all the others, for example if it is black.
pub fn propose_area(screen: &Picture, others: &[Picture]) -> Option<Rect> {
    let (alike, different): (Vec<&Picture>, Vec<&Picture>) =
        others.iter().partition(|other| are_alike(screen, other));
    let blocks = Blocks::of(screen, &alike);
    let mut found: Vec<(f64, Rect)> = Vec::new();
    for (width, height) in SIZES {
        found.extend(blocks.windows(width, height));
    }
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut tried: Vec<Rect> = Vec::new();
    for (_, window) in found {
        if tried
            .iter()
            .any(|other| other.intersection(&window).is_some())
        {
            continue;
        }
        let area = blocks.trimmed(window);
        if different.iter().all(|other| !matches(screen, area, other)) {
            return Some(area);
        }
        tried.push(window);
        if tried.len() >= TRIES {
            return None;
        }
    }
    None
}

fn matches(screen: &Picture, area: Rect, other: &Picture) -> bool {
    let Ok(needle) = Needle::new(
        "proposal",
        vec!["proposal".to_owned()],
        vec![Area::matching(area)],
    ) else {
        return false;
    };
    let prepared = PreparedNeedle::new(Arc::new(needle), screen);
    find(
        &prepared,
        &PreparedFrame::new(other.clone()),
        SearchRatio::MARGIN,
    )
    .ok
}

/// Returns whether two screens of one size show the same thing, perhaps at another time.
pub fn are_alike(a: &Picture, b: &Picture) -> bool {
    if (a.width(), a.height()) != (b.width(), b.height()) {
        return false;
    }
    let all = places(a.width() / BLOCK, a.height() / BLOCK);
    let (mut textured, mut equal) = (0_u32, 0_u32);
    for (x, y) in all {
        let is_same = is_equal(a, b, x, y);
        if edges(a, x, y) > 0 || (!is_same && edges(b, x, y) > 0) {
            textured += 1;
            equal += u32::from(is_same);
        }
    }
    f64::from(equal) >= f64::from(textured) * ALIKE
}

fn places(columns: u32, rows: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..rows).flat_map(move |y| (0..columns).map(move |x| (x, y)))
}

fn is_equal(a: &Picture, b: &Picture, x: u32, y: u32) -> bool {
    (y * BLOCK..(y + 1) * BLOCK).all(|row| {
        let bytes = (x * BLOCK * 3) as usize..((x + 1) * BLOCK * 3) as usize;
        a.row(row as usize)[bytes.clone()] == b.row(row as usize)[bytes]
    })
}

/// The blocks of a screen.
struct Blocks {
    columns: usize,
    rows: usize,
    /// The number of edges in each block.
    texture: Vec<u32>,
    /// Sums from the top left corner: of edges, of blocks with edges, and of blocks that move.
    sums: Vec<[u32; 3]>,
}

impl Blocks {
    fn of(screen: &Picture, alike: &[&Picture]) -> Self {
        let (columns, rows) = (
            (screen.width() / BLOCK) as usize,
            (screen.height() / BLOCK) as usize,
        );
        let all = || places(screen.width() / BLOCK, screen.height() / BLOCK);
        let texture: Vec<u32> = all().map(|(x, y)| edges(screen, x, y)).collect();
        let moves: Vec<bool> = all()
            .map(|(x, y)| alike.iter().any(|other| !is_equal(screen, other, x, y)))
            .collect();
        let mut sums = vec![[0; 3]; (columns + 1) * (rows + 1)];
        for y in 0..rows {
            for x in 0..columns {
                let block = y * columns + x;
                let own = [
                    texture[block],
                    u32::from(texture[block] > 2),
                    u32::from(moves[block]),
                ];
                let (above, left, corner) = (
                    y * (columns + 1) + x + 1,
                    (y + 1) * (columns + 1) + x,
                    y * (columns + 1) + x,
                );
                let sum = [0, 1, 2].map(|part| {
                    own[part] + sums[above][part] + sums[left][part] - sums[corner][part]
                });
                sums[(y + 1) * (columns + 1) + x + 1] = sum;
            }
        }
        Self {
            columns,
            rows,
            texture,
            sums,
        }
    }

    /// Returns the areas of a size that have texture and do not move. The score of each is its number of edges by size.
    fn windows(&self, width: usize, height: usize) -> Vec<(f64, Rect)> {
        let mut found = Vec::new();
        for y in 0..(self.rows + 1).saturating_sub(height) {
            for x in 0..(self.columns + 1).saturating_sub(width) {
                let at = |x: usize, y: usize| self.sums[y * (self.columns + 1) + x];
                let (a, b, c, d) = (
                    at(x, y),
                    at(x + width, y),
                    at(x, y + height),
                    at(x + width, y + height),
                );
                let [edges, textured, moving] =
                    [0, 1, 2].map(|part| d[part] + a[part] - b[part] - c[part]);
                let blocks = (width * height) as f64;
                if moving > 0 || f64::from(textured) < blocks * TEXTURED {
                    continue;
                }
                found.push((f64::from(edges) / blocks.sqrt(), rect(x, y, width, height)));
            }
        }
        // The best ones are enough; a whole screen has some thousands.
        found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        found.truncate(200);
        found
    }

    /// Returns an area without the rows and columns at its sides that have no texture.
    fn trimmed(&self, window: Rect) -> Rect {
        let block = |pixels: i32| usize::try_from(pixels).unwrap_or_default() / BLOCK as usize;
        let (left, top) = (block(window.x), block(window.y));
        let (width, height) = (
            (window.width / BLOCK) as usize,
            (window.height / BLOCK) as usize,
        );
        let textured: Vec<(usize, usize)> = (top..top + height)
            .flat_map(|y| (left..left + width).map(move |x| (x, y)))
            .filter(|(x, y)| self.texture[y * self.columns + x] > 0)
            .collect();
        let sides = |values: Vec<usize>| {
            let least = values.iter().min().copied()?;
            Some((least, values.iter().max()? + 1 - least))
        };
        let across = sides(textured.iter().map(|(x, _)| *x).collect());
        let down = sides(textured.iter().map(|(_, y)| *y).collect());
        match (across, down) {
            (Some((x, width)), Some((y, height))) => rect(x, y, width, height),
            _ => window,
        }
    }
}

fn rect(x: usize, y: usize, width: usize, height: usize) -> Rect {
    let pixels = |blocks: usize| u32::try_from(blocks).unwrap_or_default() * BLOCK;
    let signed = |blocks: usize| i32::try_from(pixels(blocks)).unwrap_or_default();
    Rect::new(signed(x), signed(y), pixels(width), pixels(height))
}

/// Returns the number of edges in a block.
fn edges(screen: &Picture, x: u32, y: u32) -> u32 {
    let brightness = |x: u32, y: u32| -> u32 {
        let pixel = &screen.row(y as usize)[x as usize * 3..x as usize * 3 + 3];
        (u32::from(pixel[0]) * 2 + u32::from(pixel[1]) * 5 + u32::from(pixel[2])) / 8
    };
    let mut edges = 0;
    for row in y * BLOCK..(y + 1) * BLOCK {
        for column in x * BLOCK..(x + 1) * BLOCK - 1 {
            edges +=
                u32::from(brightness(column, row).abs_diff(brightness(column + 1, row)) > EDGE);
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A screen with text-like texture in a rectangle. `seed` makes another text.
    fn with_text(base: &Picture, area: Rect, seed: u32) -> Picture {
        let mut rgb = base.rgb().to_vec();
        for y in 0..area.height {
            for x in 0..area.width {
                let value = (x.wrapping_mul(2_654_435_761)
                    ^ y.wrapping_mul(40_503)
                    ^ seed.wrapping_mul(97))
                    >> 7;
                let at = ((area.y as u32 + y) * base.width() + area.x as u32 + x) as usize * 3;
                rgb[at..at + 3].fill(if value.is_multiple_of(3) { 230 } else { 20 });
            }
        }
        Picture::from_rgb(base.width(), base.height(), rgb).expect("a picture")
    }

    fn blank() -> Picture {
        Picture::from_rgb(640, 480, vec![20; 640 * 480 * 3]).expect("a picture")
    }

    fn inside(area: Rect, of: Rect) -> bool {
        area.intersection(&of) == Some(area)
    }

    #[test]
    fn the_part_with_texture_is_proposed() {
        let text = Rect::new(160, 80, 240, 32);
        let screen = with_text(&blank(), text, 1);
        let area = propose_area(&screen, &[]).expect("an area");
        assert!(inside(area, text), "{area:?}");
    }

    #[test]
    fn a_clock_is_left_out() {
        let (title, clock) = (Rect::new(0, 0, 240, 64), Rect::new(320, 0, 240, 48));
        let at = |time| with_text(&with_text(&blank(), title, 1), clock, time);
        let area = propose_area(&at(7), &[at(5), at(6)]).expect("an area");
        assert!(inside(area, title), "{area:?}");
    }

    #[test]
    fn what_another_screen_shows_as_well_is_no_area() {
        let (logo, menu) = (Rect::new(0, 0, 320, 64), Rect::new(160, 320, 120, 32));
        let firmware = with_text(&blank(), logo, 1);
        // Most of the text of the other screen differs, so it shows another thing.
        let other = with_text(&firmware, Rect::new(0, 160, 640, 320), 9);
        let screen = with_text(&firmware, menu, 2);
        let area = propose_area(&screen, &[other]).expect("an area");
        assert!(inside(area, menu), "{area:?}");
    }

    #[test]
    fn a_blank_screen_has_no_area() {
        assert_eq!(propose_area(&blank(), &[]), None);
        let small = Picture::from_rgb(3, 3, vec![0; 27]).expect("a picture");
        assert_eq!(propose_area(&small, &[blank()]), None);
    }
}
