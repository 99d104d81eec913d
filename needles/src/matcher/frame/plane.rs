//! Converts pixels to the levels that are compared: one level a pixel, blurred.
//!
//! - Gray: `(3735 * blue + 19235 * green + 9798 * red + 16384) >> 15`, OpenCV's own integer formula.
//! - Blur: the 3x3 kernel `1 2 1; 2 4 2; 1 2 1` over 16, rounded half up. The picture's border is mirrored without
//!   repeating the edge. A part of a picture uses its real neighbours, so blurring a part gives a part of the blurred
//!   picture.
//!
//! os-autoinst rounds some regions half to even, depending on earlier searches. Here a level depends on the picture
//! alone. The difference in similarity is at most 0.0005 above 0.95.

use super::channel::Channel;
use super::recycled::Recycled;
use crate::matcher::kernel::Kernel;
use crate::picture::Picture;
use crate::rect::Rect;

/// Blurred levels of a part of a picture.
#[derive(Debug)]
pub(crate) struct Plane {
    /// The rectangle of this part in the picture.
    pub(crate) rect: Rect,
    levels: Recycled<u8>,
}

impl Plane {
    /// Computes the levels of a part. Covers `painted` first. All rectangles lie inside the picture.
    pub(crate) fn of(picture: &Picture, rect: Rect, channel: Channel, painted: &[Rect]) -> Self {
        let (width, height) = (rect.width as usize, rect.height as usize);
        let mut levels = Recycled::of(width * height);
        // Three rows of levels, each with one neighbour left and right.
        let mut rows = [vec![0; width + 2], vec![0; width + 2], vec![0; width + 2]];
        let source = |row: i64| mirrored(i64::from(rect.y) + row, picture.height());
        level_row(picture, source(-1), rect, channel, painted, &mut rows[0]);
        level_row(picture, source(0), rect, channel, painted, &mut rows[1]);
        for (y, blurred) in levels.chunks_exact_mut(width).enumerate() {
            level_row(
                picture,
                source(y as i64 + 1),
                rect,
                channel,
                painted,
                &mut rows[2],
            );
            Kernel::detect().blur([&rows[0], &rows[1], &rows[2]], blurred);
            rows.rotate_left(1);
        }
        Self { rect, levels }
    }

    /// Computes the same part of another picture, which differs at most in `changed`. Returns `None` if so much differs
    /// that computing everything anew costs no more.
    pub(crate) fn after(
        &self,
        picture: &Picture,
        channel: Channel,
        painted: &[Rect],
        changed: &[Rect],
    ) -> Option<Self> {
        // The blur spreads a change by one pixel.
        let reached = |rect: &Rect| {
            let near = Rect::new(rect.x - 1, rect.y - 1, rect.width + 2, rect.height + 2);
            near.intersection(&self.rect)
        };
        let reached: Vec<Rect> = changed.iter().filter_map(reached).collect();
        if reached.iter().map(Rect::pixels).sum::<u64>() * 2 > self.rect.pixels() {
            return None;
        }
        let mut levels = self.levels.clone();
        let width = self.rect.width as usize;
        for part in reached {
            let x = (part.x - self.rect.x) as usize;
            let y = (part.y - self.rect.y) as usize;
            let columns = part.width as usize;
            let fresh = Self::of(picture, part, channel, painted);
            let rows = fresh.levels.chunks_exact(columns);
            for (row, out) in rows.zip(levels.chunks_exact_mut(width).skip(y)) {
                out[x..x + columns].copy_from_slice(row);
            }
        }
        Some(Self {
            rect: self.rect,
            levels,
        })
    }

    /// Returns the levels of a row. `y` is counted in the picture.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        let width = self.rect.width as usize;
        let start = (y - self.rect.y as usize) * width;
        &self.levels[start..start + width]
    }

    /// Returns all levels, row by row.
    pub(crate) fn into_levels(self) -> Vec<u8> {
        self.levels.into_vec()
    }
}

/// Mirrors a coordinate that is one beyond the edge.
fn mirrored(at: i64, length: u32) -> usize {
    let last = i64::from(length) - 1;
    let inside = if at < 0 {
        -at
    } else if at > last {
        2 * last - at
    } else {
        at
    };
    // A picture of one row or column has only itself to mirror.
    inside.clamp(0, last) as usize
}

/// Writes the levels before blurring: those of `rect`'s columns in row `y` of the picture, with one more column left
/// and right.
fn level_row(
    picture: &Picture,
    y: usize,
    rect: Rect,
    channel: Channel,
    painted: &[Rect],
    out: &mut [u8],
) {
    let row = picture.row(y);
    let left = mirrored(i64::from(rect.x) - 1, picture.width());
    let right = mirrored(rect.right(), picture.width());
    let middle = rect.x as usize..rect.x as usize + rect.width as usize;
    let end = out.len() - 1;
    convert(&row[left * 3..left * 3 + 3], channel, &mut out[..1]);
    convert(
        &row[middle.start * 3..middle.end * 3],
        channel,
        &mut out[1..end],
    );
    convert(&row[right * 3..right * 3 + 3], channel, &mut out[end..]);
    for paint in painted
        .iter()
        .filter(|paint| paint.y as usize <= y && (y as i64) < paint.bottom())
    {
        let columns = paint.x as usize..paint.right() as usize;
        if columns.contains(&left) {
            out[0] = channel.paint();
        }
        if columns.contains(&right) {
            out[end] = channel.paint();
        }
        let from = columns.start.clamp(middle.start, middle.end) - middle.start;
        let to = columns.end.clamp(middle.start, middle.end) - middle.start;
        out[1 + from..1 + to].fill(channel.paint());
    }
}

fn convert(rgb: &[u8], channel: Channel, out: &mut [u8]) {
    let pixels = rgb.chunks_exact(3);
    match channel {
        Channel::Gray => Kernel::detect().gray(rgb, out),
        Channel::Red => out
            .iter_mut()
            .zip(pixels)
            .for_each(|(level, pixel)| *level = pixel[0]),
        Channel::Green => out
            .iter_mut()
            .zip(pixels)
            .for_each(|(level, pixel)| *level = pixel[1]),
        Channel::Blue => out
            .iter_mut()
            .zip(pixels)
            .for_each(|(level, pixel)| *level = pixel[2]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::picture::Colour;

    #[test]
    fn gray_levels_follow_the_formula() {
        let mut levels = [0; 4];
        convert(
            &[0, 255, 0, 255, 255, 255, 0, 0, 0, 10, 20, 30],
            Channel::Gray,
            &mut levels,
        );
        assert_eq!(levels, [Channel::Gray.paint(), 255, 0, 18]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_part_of_the_blurred_picture_is_the_blurred_part(
            width in 1_u32..12, height in 1_u32..12, seed in any::<u64>(),
            x in 0_u32..12, y in 0_u32..12, w in 1_u32..12, h in 1_u32..12,
            paint in (0_u32..12, 0_u32..12, 1_u32..5, 1_u32..5),
        ) {
            let mut state = seed | 1;
            let rgb = (0..width * height * 3).map(|_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
                (state >> 56) as u8
            });
            let picture = Picture::from_rgb(width, height, rgb.collect()).unwrap();
            let whole = Rect::new(0, 0, width, height);
            let (x, y) = (x % width, y % height);
            let part = Rect::new(x as i32, y as i32, w.min(width - x), h.min(height - y));
            let paint = Rect::new((paint.0 % width) as i32, (paint.1 % height) as i32, paint.2, paint.3);
            let paint: Vec<Rect> = paint.intersection(&whole).into_iter().collect();
            let green: Vec<_> = paint.iter().map(|rect| (*rect, Colour::new(0, 255, 0))).collect();
            let painted = picture.with_filled(&green);
            for channel in [Channel::Gray, Channel::Red, Channel::Green, Channel::Blue] {
                let all = Plane::of(&painted, whole, channel, &[]);
                let plane = Plane::of(&picture, part, channel, &paint);
                for y in y as usize..y as usize + part.height as usize {
                    prop_assert_eq!(plane.row(y), &all.row(y)[x as usize..x as usize + part.width as usize]);
                }
            }
        }
    }
}
