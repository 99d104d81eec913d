//! Parts of a wide frame that are prepared separately.

use crate::rect::Rect;

/// Distance in columns between the beginnings of two strips.
const STEP: u32 = 256;

/// Width of a strip in columns. Anything no wider than a step lies entirely on one strip.
const WIDTH: u32 = 2 * STEP;

/// Some columns of a frame that are prepared together. Most searches look at a small part of a wide frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strip {
    pub(crate) left: u32,
    pub(crate) width: u32,
}

impl Strip {
    /// Returns a strip of all columns.
    pub(crate) fn whole(width: u32) -> Self {
        Self { left: 0, width }
    }

    /// Returns the strip that contains these columns. Returns all columns if no strip contains them or if the frame is
    /// narrower than three strips.
    pub(crate) fn around(columns: Rect, width: u32) -> Self {
        let left = u32::try_from(columns.x).unwrap_or(0) / STEP * STEP;
        let right = (left + WIDTH).min(width);
        if width < 3 * WIDTH || columns.right() > i64::from(right) {
            return Self::whole(width);
        }
        Self {
            left,
            width: right - left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_holds_the_columns_asked_for_or_is_the_whole_frame() {
        for (x, length, width, left, strip) in [
            (0, 10, 1920, 0, 512),
            (255, 257, 1920, 0, 512),
            (255, 258, 1920, 0, 1920),
            (256, 512, 1920, 256, 512),
            (1800, 120, 1920, 1792, 128),
            (3839, 1, 3840, 3584, 256),
            (0, 10, 1535, 0, 1535),
        ] {
            let found = Strip::around(Rect::new(x, 3, length, 7), width);
            assert_eq!(found, Strip { left, width: strip }, "{x} {length} {width}");
        }
    }
}
