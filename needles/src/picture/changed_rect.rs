//! The part in which two pictures differ.

use super::kept_columns::kept_columns;
use super::picture::Picture;
use crate::rect::Rect;

/// Returns the smallest rectangle that contains every pixel in which two pictures of one size differ, except pixels in
/// `ignored`. Returns `None` if nothing differs or if the sizes differ. Reads both pictures once.
pub fn changed_rect(a: &Picture, b: &Picture, ignored: &[Rect]) -> Option<Rect> {
    if (a.width(), a.height()) != (b.width(), b.height()) {
        return None;
    }
    let whole = Rect::new(0, 0, a.width(), a.height());
    let ignored: Vec<Rect> = ignored
        .iter()
        .filter_map(|rect| rect.intersection(&whole))
        .collect();
    let (mut left, mut right) = (u32::MAX, 0);
    let (mut top, mut bottom) = (None, 0);
    for y in 0..a.height() {
        for (start, end) in kept_columns(&ignored, y, a.width()) {
            let bytes = start as usize * 3..end as usize * 3;
            let (a, b) = (&a.row(y as usize)[bytes.clone()], &b.row(y as usize)[bytes]);
            if a == b {
                continue;
            }
            let pixels = (start..).zip(a.chunks_exact(3).zip(b.chunks_exact(3)));
            for (x, _) in pixels.filter(|(_, (a, b))| a != b) {
                left = left.min(x);
                right = right.max(x);
            }
            top.get_or_insert(y);
            bottom = y;
        }
    }
    let top = top?;
    let corner = (i32::try_from(left).ok()?, i32::try_from(top).ok()?);
    Some(Rect::new(
        corner.0,
        corner.1,
        right - left + 1,
        bottom - top + 1,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(lit: &[(usize, usize)]) -> Picture {
        let mut rgb = vec![0; 20 * 10 * 3];
        for (x, y) in lit {
            rgb[(y * 20 + x) * 3 + 1] = 9;
        }
        Picture::from_rgb(20, 10, rgb).expect("a picture")
    }

    #[test]
    fn the_rectangle_holds_what_differs_and_nothing_else() {
        let dark = picture(&[]);
        for (lit, expected) in [
            (&[][..], None),
            (&[(0, 0)][..], Some(Rect::new(0, 0, 1, 1))),
            (&[(19, 9)][..], Some(Rect::new(19, 9, 1, 1))),
            (&[(3, 7), (5, 2), (4, 4)][..], Some(Rect::new(3, 2, 3, 6))),
        ] {
            assert_eq!(changed_rect(&dark, &picture(lit), &[]), expected, "{lit:?}");
        }
    }

    #[test]
    fn what_is_ignored_is_not_in_it() {
        let lit = picture(&[(3, 3), (10, 5)]);
        let ignored = [Rect::new(0, 0, 5, 10)];
        assert_eq!(
            changed_rect(&picture(&[]), &lit, &ignored),
            Some(Rect::new(10, 5, 1, 1))
        );
        assert_eq!(
            changed_rect(&picture(&[]), &lit, &[Rect::new(0, 0, 20, 10)]),
            None
        );
    }

    #[test]
    fn pictures_of_two_sizes_have_no_such_rectangle() {
        let small = Picture::from_rgb(1, 1, vec![0; 3]).expect("a picture");
        assert_eq!(changed_rect(&picture(&[]), &small, &[]), None);
    }
}
