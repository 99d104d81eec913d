//! Points and rectangles.

use serde::Serialize;

/// A point of a picture, in pixels from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Point {
    /// Pixels to the right of the left edge.
    pub x: i32,
    /// Pixels below the upper edge.
    pub y: i32,
}

/// A rectangle of pixels. It may lie outside any picture, because needle files may contain any numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Rect {
    /// Makes a rectangle from its upper left corner and its size.
    pub const fn new(x: i32, y: i32, width: u32, height: u32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Returns the first column to the right of the rectangle.
    pub fn right(&self) -> i64 {
        i64::from(self.x) + i64::from(self.width)
    }

    /// Returns the first row below the rectangle.
    pub fn bottom(&self) -> i64 {
        i64::from(self.y) + i64::from(self.height)
    }

    /// Returns the number of pixels.
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Returns true if the rectangle has no pixels.
    pub fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Returns true if the rectangle lies entirely on a picture of this size.
    pub fn is_inside(&self, width: u32, height: u32) -> bool {
        self.x >= 0
            && self.y >= 0
            && self.right() <= i64::from(width)
            && self.bottom() <= i64::from(height)
    }

    /// Returns the part that both rectangles share, if there is one.
    pub fn intersection(&self, other: &Rect) -> Option<Rect> {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let width = u32::try_from(self.right().min(other.right()) - i64::from(x)).ok()?;
        let height = u32::try_from(self.bottom().min(other.bottom()) - i64::from(y)).ok()?;
        let shared = Rect {
            x,
            y,
            width,
            height,
        };
        (!shared.is_empty()).then_some(shared)
    }

    /// Returns true if these rectangles together cover every pixel of this one. They may reach beyond it.
    pub(crate) fn is_covered_by(&self, parts: &[Rect]) -> bool {
        // Between two adjacent edges, all rows are covered alike.
        let mut edges: Vec<i64> = vec![i64::from(self.y)];
        edges.extend(
            parts
                .iter()
                .flat_map(|part| [i64::from(part.y), part.bottom()]),
        );
        edges.retain(|edge| (i64::from(self.y)..self.bottom()).contains(edge));
        edges.sort_unstable();
        edges.dedup();
        !self.is_empty() && edges.into_iter().all(|y| self.row_is_covered(y, parts))
    }

    fn row_is_covered(&self, y: i64, parts: &[Rect]) -> bool {
        let in_row = |part: &&Rect| (i64::from(part.y)..part.bottom()).contains(&y);
        let mut columns: Vec<(i64, i64)> = parts
            .iter()
            .filter(in_row)
            .map(|part| (i64::from(part.x), part.right()))
            .collect();
        columns.sort_unstable();
        let reached = columns
            .into_iter()
            .fold(i64::from(self.x), |reached, (from, to)| {
                if from <= reached {
                    reached.max(to)
                } else {
                    reached
                }
            });
        reached >= self.right()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intersections_are_the_shared_pixels() {
        let a = Rect::new(0, 0, 10, 10);
        for (b, shared) in [
            (Rect::new(5, 5, 10, 10), Some(Rect::new(5, 5, 5, 5))),
            (Rect::new(10, 0, 5, 5), None),
            (Rect::new(-5, -5, 6, 7), Some(Rect::new(0, 0, 1, 2))),
            (Rect::new(2, 2, 0, 3), None),
            (Rect::new(i32::MAX, 0, u32::MAX, 1), None),
        ] {
            assert_eq!(a.intersection(&b), shared, "{b:?}");
            assert_eq!(b.intersection(&a), shared, "{b:?}");
        }
    }

    #[test]
    fn several_rectangles_cover_one_only_without_a_gap() {
        let area = Rect::new(10, 10, 10, 10);
        let left = Rect::new(0, 5, 15, 20);
        for (parts, covered) in [
            (vec![left, Rect::new(15, 10, 5, 10)], true),
            (vec![left, Rect::new(16, 10, 5, 10)], false),
            (vec![left, Rect::new(15, 10, 5, 9)], false),
            (vec![left, Rect::new(15, 11, 5, 9)], false),
            (
                vec![Rect::new(15, 15, 9, 9), left, Rect::new(12, 0, 9, 15)],
                true,
            ),
            (
                vec![Rect::new(10, 10, 10, 4), Rect::new(10, 14, 10, 6)],
                true,
            ),
            (vec![], false),
        ] {
            assert_eq!(area.is_covered_by(&parts), covered, "{parts:?}");
        }
        assert!(!Rect::new(0, 0, 0, 5).is_covered_by(&[left]));
    }
}
