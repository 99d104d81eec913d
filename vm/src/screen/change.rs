//! Finds the part of the screen that has changed.

use super::Rect;

/// Returns the smallest rectangle with all pixels that differ between two pictures of `width` pixels. None if they are
/// equal.
///
/// Compares the bytes up to the first and from the last changed row once, and those of the rows between.
pub(super) fn changed_area(old: &[u8], new: &[u8], width: u32) -> Option<Rect> {
    let stride = width as usize * 3;
    let rows = || old.chunks_exact(stride).zip(new.chunks_exact(stride));
    let top = rows().position(|(old, new)| old != new)?;
    let bottom = rows().rposition(|(old, new)| old != new)?;
    let (mut left, mut right) = (stride, 0);
    for (old, new) in rows().take(bottom + 1).skip(top) {
        if let Some(first) = old[..left]
            .iter()
            .zip(&new[..left])
            .position(|(old, new)| old != new)
        {
            left = first;
        }
        if let Some(last) = old[right..]
            .iter()
            .zip(&new[right..])
            .rposition(|(old, new)| old != new)
        {
            right += last;
        }
    }
    let (left, right) = (left / 3, right / 3);
    Some(Rect {
        x: pixels(left),
        y: pixels(top),
        width: pixels(right - left + 1),
        height: pixels(bottom - top + 1),
    })
}

/// Two pixels of a picture whose sides are `u32`.
fn pixels(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Compares pixel by pixel.
    fn naive(old: &[u8], new: &[u8], width: u32) -> Option<Rect> {
        let differing: Vec<_> = (0..old.len() / 3)
            .filter(|pixel| old[pixel * 3..pixel * 3 + 3] != new[pixel * 3..pixel * 3 + 3])
            .map(|pixel| (pixel as u32 % width, pixel as u32 / width))
            .collect();
        let (x, y) = (
            differing.iter().map(|at| at.0).min()?,
            differing.iter().map(|at| at.1).min()?,
        );
        let (right, bottom) = (
            differing.iter().map(|at| at.0).max()?,
            differing.iter().map(|at| at.1).max()?,
        );
        Some(Rect {
            x,
            y,
            width: right - x + 1,
            height: bottom - y + 1,
        })
    }

    #[test]
    fn equal_pictures_have_no_changed_area() {
        assert_eq!(changed_area(&[7; 30], &[7; 30], 5), None);
    }

    #[test]
    fn a_single_pixel_is_an_area_of_one_pixel() {
        let mut new = vec![0; 4 * 3 * 3];
        new[(2 * 4 + 3) * 3 + 1] = 9;
        let area = Rect {
            x: 3,
            y: 2,
            width: 1,
            height: 1,
        };
        assert_eq!(changed_area(&[0; 36], &new, 4), Some(area));
    }

    proptest! {
        #[test]
        fn the_area_is_that_of_a_plain_search(
            width in 1..9_u32,
            height in 1..9_u32,
            changes in proptest::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 0..6),
        ) {
            let old = vec![0_u8; (width * height * 3) as usize];
            let mut new = old.clone();
            for (index, value) in changes {
                let place = index.index(new.len());
                new[place] = value;
            }
            prop_assert_eq!(changed_area(&old, &new, width), naive(&old, &new, width));
        }
    }
}
