//! The parts of a row that ignored rectangles leave.

use crate::rect::Rect;

/// Returns the parts of a row that no ignored rectangle covers, as the first column and the one after the last.
pub(crate) fn kept_columns(ignored: &[Rect], y: u32, width: u32) -> Vec<(u32, u32)> {
    let covers = |rect: &&Rect| i64::from(rect.y) <= i64::from(y) && i64::from(y) < rect.bottom();
    // The rectangles were cut to the picture, so their right edges fit.
    let mut covered: Vec<(u32, u32)> = ignored
        .iter()
        .filter(covers)
        .map(|rect| (rect.x as u32, rect.right() as u32))
        .collect();
    covered.sort_unstable();
    let mut kept = Vec::new();
    let mut next = 0;
    for (start, end) in covered {
        if start > next {
            kept.push((next, start));
        }
        next = next.max(end);
    }
    if next < width {
        kept.push((next, width));
    }
    kept
}
