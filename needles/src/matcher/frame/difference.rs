//! Compares two frames block by block.

use crate::picture::Picture;
use crate::rect::Rect;

/// Number of rows that are compared together.
const ROWS: usize = 32;

/// Number of bytes that are compared together: 64 pixels.
const BYTES: usize = 64 * 3;

/// Returns rectangles that contain every pixel in which two pictures of one size differ.
///
/// The caller knows that nothing differs outside `within`. The rectangles consist of blocks of 64x32 pixels and do not
/// overlap. There are none if the pictures are equal.
pub(crate) fn difference(old: &Picture, new: &Picture, within: Option<Rect>) -> Vec<Rect> {
    let (width, height) = (new.width(), new.height());
    let stride = width as usize * 3;
    let rows = match within {
        None => 0..height as usize,
        Some(rect) => {
            let row = |y: i64| y.clamp(0, i64::from(height)) as usize;
            row(rect.y.into())..row(rect.bottom())
        }
    };
    let mut differing = Vec::new();
    let mut flags = vec![false; stride.div_ceil(BYTES)];
    for top in rows.clone().step_by(ROWS) {
        let bottom = (top + ROWS).min(rows.end);
        let bytes = top * stride..bottom * stride;
        let (old, new) = (&old.rgb()[bytes.clone()], &new.rgb()[bytes]);
        if old == new {
            continue;
        }
        flags.fill(false);
        for (old, new) in old.chunks_exact(stride).zip(new.chunks_exact(stride)) {
            if old != new {
                let blocks = old.chunks(BYTES).zip(new.chunks(BYTES));
                let blocks = flags.iter_mut().zip(blocks);
                blocks.for_each(|(flag, (old, new))| *flag |= old != new);
            }
        }
        let mut block = 0;
        while let Some(start) = flags[block..].iter().position(|flag| *flag) {
            let start = block + start;
            let length = flags[start..].iter().take_while(|flag| **flag).count();
            block = start + length;
            let (left, right) = (start * BYTES / 3, (block * BYTES / 3).min(width as usize));
            differing.push(Rect::new(
                left as i32,
                top as i32,
                (right - left) as u32,
                (bottom - top) as u32,
            ));
        }
    }
    differing
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::picture::Colour;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn all_that_differs_is_held_and_equal_pictures_have_no_difference(
            width in 1_u32..300, height in 1_u32..100,
            drawn in proptest::collection::vec((0_i32..300, 0_i32..100, 1_u32..40, 1_u32..40), 0..4),
        ) {
            let whole = Rect::new(0, 0, width, height);
            let old = Picture::from_rgb(width, height, vec![7; (width * height * 3) as usize]).unwrap();
            let drawn = drawn.into_iter().map(|(x, y, w, h)| Rect::new(x, y, w, h));
            let drawn: Vec<Rect> = drawn.filter_map(|rect| rect.intersection(&whole)).collect();
            let new = old.with_filled(&drawn.iter().map(|rect| (*rect, Colour::new(8, 7, 7))).collect::<Vec<_>>());
            let top = drawn.iter().map(|rect| rect.y).min();
            let bottom = drawn.iter().map(|rect| rect.bottom()).max();
            let rows = top.zip(bottom);
            let within = rows.map(|(top, bottom)| Rect::new(0, top, width, (bottom - i64::from(top)) as u32));
            for within in [None, within.or(Some(Rect::new(-5, -5, 2, 2)))] {
                let found = difference(&old, &new, within);
                let holds = |x: u32, y: u32| {
                    let pixel = Rect::new(x as i32, y as i32, 1, 1);
                    found.iter().filter(|rect| rect.intersection(&pixel).is_some()).count()
                };
                for (index, (a, b)) in old.rgb().chunks(3).zip(new.rgb().chunks(3)).enumerate() {
                    let (x, y) = (index as u32 % width, index as u32 / width);
                    prop_assert!(holds(x, y) <= 1 && (a == b || holds(x, y) == 1), "{x},{y} {found:?}");
                }
                prop_assert!(found.iter().all(|rect| rect.is_inside(width, height)));
                prop_assert_eq!(found.is_empty(), drawn.is_empty());
            }
        }
    }
}
