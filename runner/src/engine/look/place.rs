//! Places on the screen, as the event log has them.

use needles::Rect;
use reports::ChangedArea;

/// Returns the smallest rectangle around these; none without one that is on the screen.
pub(super) fn around(rects: impl IntoIterator<Item = Rect>) -> Option<ChangedArea> {
    let sides = rects.into_iter().map(|rect| {
        let (right, bottom) = (
            i64::from(rect.x) + i64::from(rect.width),
            i64::from(rect.y) + i64::from(rect.height),
        );
        (i64::from(rect.x), i64::from(rect.y), right, bottom)
    });
    let (left, top, right, bottom) =
        sides.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3)))?;
    let (left, top) = (left.max(0), top.max(0));
    Some(ChangedArea {
        x: u32::try_from(left).ok()?,
        y: u32::try_from(top).ok()?,
        width: u32::try_from(right - left)
            .ok()
            .filter(|width| *width > 0)?,
        height: u32::try_from(bottom - top)
            .ok()
            .filter(|height| *height > 0)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: i32, y: i32, width: u32, height: u32) -> Rect {
        Rect {
            x,
            y,
            width,
            height,
        }
    }

    #[test]
    fn the_rectangle_is_around_all_and_on_the_screen() {
        let found = around([rect(-5, 10, 20, 20), rect(40, 5, 10, 10)]).expect("a place");
        assert_eq!(
            (found.x, found.y, found.width, found.height),
            (0, 5, 50, 25)
        );
        assert_eq!(around([]), None);
        assert_eq!(around([rect(-9, 0, 3, 3)]), None);
    }
}
