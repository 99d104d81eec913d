//! A picture that is drawn on.

use needles::Picture;

/// A colour: red, green and blue.
pub(super) type Ink = [u8; 3];

/// A picture that is drawn on. What would be outside of it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Canvas {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32, ink: Ink) -> Self {
        let pixels = width as usize * height as usize;
        Self {
            width,
            height,
            rgb: ink.repeat(pixels),
        }
    }

    /// Returns width and height in pixels.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Returns its pixels, row after row, three bytes each.
    pub(super) fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    pub(super) fn set(&mut self, x: i64, y: i64, ink: Ink) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        if x < self.width && y < self.height {
            let at = 3 * (y as usize * self.width as usize + x as usize);
            self.rgb[at..at + 3].copy_from_slice(&ink);
        }
    }

    /// Fills a rectangle: its left upper corner, width and height.
    pub(super) fn fill(&mut self, [x, y]: [i64; 2], [width, height]: [u32; 2], ink: Ink) {
        for row in y..y + i64::from(height) {
            for column in x..x + i64::from(width) {
                self.set(column, row, ink);
            }
        }
    }

    /// Draws a picture, each of its pixels `times` large.
    pub(super) fn paste(&mut self, [x, y]: [u32; 2], picture: &Picture, times: u32) {
        let bytes_of_row = 3 * picture.width() as usize;
        if bytes_of_row == 0 {
            return;
        }
        let rows = (y..).zip(picture.rgb().chunks_exact(bytes_of_row));
        for (row, pixels) in rows {
            let top = y + (row - y) * times;
            for line in top..(top + times).min(self.height) {
                self.paste_row([x, line], pixels, times);
            }
        }
    }

    fn paste_row(&mut self, [x, y]: [u32; 2], pixels: &[u8], times: u32) {
        let room = self.width.saturating_sub(x) as usize;
        let begin = 3 * (y as usize * self.width as usize + x as usize);
        if times == 1 {
            let bytes = pixels.len().min(3 * room);
            self.rgb[begin..begin + bytes].copy_from_slice(&pixels[..bytes]);
            return;
        }
        let row = pixels.chunks_exact(3);
        let row = row.flat_map(|pixel| std::iter::repeat_n(pixel, times as usize));
        for (to, pixel) in self.rgb[begin..].chunks_exact_mut(3).take(room).zip(row) {
            to.copy_from_slice(pixel);
        }
    }

    /// Draws a ring around a point.
    pub(super) fn ring(&mut self, [x, y]: [i64; 2], inner: i64, outer: i64, ink: Ink) {
        for row in -outer..=outer {
            for column in -outer..=outer {
                let far = row * row + column * column;
                if (inner * inner..=outer * outer).contains(&far) {
                    self.set(x + column, y + row, ink);
                }
            }
        }
    }
}
