//! Draws rectangles on pictures.

use image::RgbImage;
use imageproc::drawing::{draw_filled_rect_mut, draw_hollow_rect_mut};

use super::picture::Picture;
use crate::rect::Rect;

/// A colour to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Colour {
    /// Makes a colour of these levels.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    fn pixel(self) -> image::Rgb<u8> {
        image::Rgb([self.red, self.green, self.blue])
    }
}

impl Picture {
    /// Returns a copy with outlines of these rectangles, two pixels wide, drawn inside them. Parts outside are cut off.
    pub fn with_outlines(&self, outlines: &[(Rect, Colour)]) -> Self {
        self.drawn_on(|canvas| {
            for (rect, colour) in outlines {
                for inset in 0..2 {
                    let inner = Rect {
                        x: rect.x.saturating_add(inset),
                        y: rect.y.saturating_add(inset),
                        width: rect.width.saturating_sub(2 * inset.unsigned_abs()),
                        height: rect.height.saturating_sub(2 * inset.unsigned_abs()),
                    };
                    if let Some(inner) = drawable(&inner) {
                        draw_hollow_rect_mut(canvas, inner, colour.pixel());
                    }
                }
            }
        })
    }

    /// Returns a copy with these rectangles filled. Parts outside are cut off.
    pub fn with_filled(&self, filled: &[(Rect, Colour)]) -> Self {
        let whole = Rect::new(0, 0, self.width(), self.height());
        self.drawn_on(|canvas| {
            for (rect, colour) in filled {
                if let Some(inner) = rect.intersection(&whole).and_then(|part| drawable(&part)) {
                    draw_filled_rect_mut(canvas, inner, colour.pixel());
                }
            }
        })
    }

    fn drawn_on(&self, draw: impl FnOnce(&mut RgbImage)) -> Self {
        let Some(mut canvas) = RgbImage::from_raw(self.width(), self.height(), self.rgb().to_vec())
        else {
            // Impossible: a picture's bytes fit its size.
            return self.clone();
        };
        draw(&mut canvas);
        Self {
            width: self.width(),
            height: self.height(),
            rgb: canvas.into_raw().into(),
        }
    }
}

/// Converts to the drawing library's rectangle. Returns `None` for an empty rectangle, and for one so far away that its
/// corners overflow.
fn drawable(rect: &Rect) -> Option<imageproc::rect::Rect> {
    let fits = i32::try_from(rect.right()).is_ok() && i32::try_from(rect.bottom()).is_ok();
    (fits && !rect.is_empty())
        .then(|| imageproc::rect::Rect::at(rect.x, rect.y).of_size(rect.width, rect.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Colour = Colour::new(255, 0, 0);

    fn red_pixels(picture: &Picture) -> usize {
        picture
            .rgb()
            .chunks(3)
            .filter(|pixel| **pixel == [255, 0, 0])
            .count()
    }

    #[test]
    fn outlines_stay_inside_their_rectangles() {
        let black = Picture::from_rgb(20, 10, vec![0; 600]).unwrap();
        for (rect, red) in [
            (Rect::new(2, 2, 6, 5), 6 * 5 - 2),
            (Rect::new(0, 0, 1, 1), 1),
            (Rect::new(0, 0, 0, 5), 0),
            (Rect::new(18, 8, 10, 10), 2 + 2 - 1 + 1),
            (Rect::new(i32::MAX, 0, u32::MAX, 3), 0),
            (Rect::new(-5, -5, 3, 3), 0),
        ] {
            assert_eq!(
                red_pixels(&black.with_outlines(&[(rect, RED)])),
                red,
                "{rect:?}"
            );
        }
    }

    #[test]
    fn filling_is_cut_at_the_edges() {
        let black = Picture::from_rgb(20, 10, vec![0; 600]).unwrap();
        for (rect, red) in [
            (Rect::new(2, 2, 6, 5), 30),
            (Rect::new(-2, -2, 4, 4), 4),
            (Rect::new(-2, -2, u32::MAX, u32::MAX), 200),
            (Rect::new(30, 2, 6, 5), 0),
        ] {
            assert_eq!(
                red_pixels(&black.with_filled(&[(rect, RED)])),
                red,
                "{rect:?}"
            );
        }
    }
}
