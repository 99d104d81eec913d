//! The picture that is painted rectangle by rectangle, and which of its pixels have come.

/// The pixels of a VNC screen.
#[derive(Debug)]
pub(super) struct Canvas {
    width: usize,
    height: usize,
    /// Red, green, blue.
    rgb: Vec<u8>,
    /// One bit for each pixel that has come since [`uncover`](Self::uncover). A row takes whole words.
    covered: Vec<u64>,
    /// The number of pixels that have not.
    missing: usize,
}

/// A rectangle of pixels that a server sends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) x: u16,
    pub(super) y: u16,
    pub(super) width: u16,
    pub(super) height: u16,
}

/// A rectangle that is not on the canvas, or has too few pixels.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit;

impl Canvas {
    /// Returns a black canvas, of which no pixel has come.
    pub(super) fn new(width: u16, height: u16) -> Self {
        let (width, height) = (usize::from(width), usize::from(height));
        Self {
            width,
            height,
            rgb: vec![0; width * height * 3],
            covered: vec![0; width.div_ceil(64) * height],
            missing: width * height,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    pub(super) fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Forgets which pixels have come.
    pub(super) fn uncover(&mut self) {
        self.covered.fill(0);
        self.missing = self.width * self.height;
    }

    /// Returns true if every pixel has come.
    pub(super) fn is_covered(&self) -> bool {
        self.missing == 0
    }

    /// Paints pixels of 4 bytes each: red, green, blue, and one that means nothing.
    pub(super) fn paint(&mut self, area: Area, pixels: &[u8]) -> Result<(), Misfit> {
        let (left, top) = (usize::from(area.x), usize::from(area.y));
        let (width, height) = (usize::from(area.width), usize::from(area.height));
        let fits = left + width <= self.width && top + height <= self.height;
        if !fits || pixels.len() < width * height * 4 {
            return Err(Misfit);
        }
        if width == 0 {
            return Ok(());
        }
        for (row, line) in (top..).zip(pixels.chunks_exact(width * 4).take(height)) {
            let start = (row * self.width + left) * 3;
            let target = self.rgb[start..start + width * 3].chunks_exact_mut(3);
            for (to, from) in target.zip(line.chunks_exact(4)) {
                to.copy_from_slice(&from[..3]);
            }
            self.cover(row, left, left + width);
        }
        Ok(())
    }

    /// Notes that the pixels `from..to` of a row have come.
    fn cover(&mut self, row: usize, from: usize, to: usize) {
        let words = self.width.div_ceil(64);
        for word in from / 64..=(to - 1) / 64 {
            let low = from.saturating_sub(word * 64).min(63);
            let high = (to - word * 64).min(64);
            let mask = (u64::MAX << low) & (u64::MAX >> (64 - high));
            let bits = &mut self.covered[row * words + word];
            self.missing -= (mask & !*bits).count_ones() as usize;
            *bits |= mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn area(x: u16, y: u16, width: u16, height: u16) -> Area {
        Area {
            x,
            y,
            width,
            height,
        }
    }

    fn filled(area: Area, value: u8) -> Vec<u8> {
        vec![value; usize::from(area.width) * usize::from(area.height) * 4]
    }

    #[test]
    fn a_rectangle_is_painted_at_its_place_without_the_fourth_byte() {
        let mut canvas = Canvas::new(3, 2);
        canvas
            .paint(area(1, 1, 2, 1), &[1, 2, 3, 99, 4, 5, 6, 99])
            .unwrap();
        assert_eq!(canvas.rgb()[..12], [0; 12]);
        assert_eq!(canvas.rgb()[12..], [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_rectangle_outside_or_with_too_few_pixels_is_refused() {
        let mut canvas = Canvas::new(4, 4);
        for outside in [
            area(4, 0, 1, 1),
            area(0, 3, 1, 2),
            area(65535, 65535, 65535, 65535),
        ] {
            assert_eq!(canvas.paint(outside, &[0; 64]), Err(Misfit));
        }
        assert_eq!(canvas.paint(area(0, 0, 4, 4), &[0; 63]), Err(Misfit));
        assert_eq!(canvas.paint(area(0, 0, 0, 4), &[]), Ok(()));
        assert!(!canvas.is_covered());
    }

    #[test]
    fn an_uncovered_canvas_keeps_its_pixels_and_waits_for_all_again() {
        let mut canvas = Canvas::new(130, 2);
        let all = area(0, 0, 130, 2);
        canvas.paint(all, &filled(all, 7)).unwrap();
        assert!(canvas.is_covered());
        canvas.uncover();
        assert!(!canvas.is_covered());
        assert_eq!(canvas.rgb(), [7; 130 * 2 * 3]);
    }

    proptest! {
        #[test]
        fn it_is_covered_exactly_when_each_pixel_has_come(
            rects in proptest::collection::vec((0..140_u16, 0..4_u16, 1..140_u16, 1..4_u16), 1..12),
        ) {
            let mut canvas = Canvas::new(140, 4);
            let mut seen = vec![false; 140 * 4];
            for (x, y, width, height) in rects {
                let place = area(x, y, width.min(140 - x), height.min(4 - y));
                canvas.paint(place, &filled(place, 1)).unwrap();
                for row in place.y..place.y + place.height {
                    for column in place.x..place.x + place.width {
                        seen[usize::from(row) * 140 + usize::from(column)] = true;
                    }
                }
                let missing = seen.iter().filter(|seen| !**seen).count();
                prop_assert_eq!(canvas.missing, missing);
                prop_assert_eq!(canvas.is_covered(), missing == 0);
            }
        }
    }
}
