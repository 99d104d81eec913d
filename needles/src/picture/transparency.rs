//! The transparent pixels of a picture.

use crate::rect::Rect;

/// The pixels of a picture that are not fully opaque. Their colours are compared as stored, but no screen shows these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transparency {
    width: usize,
    /// For each pixel, row after row.
    is_seen_through: Vec<bool>,
}

impl Transparency {
    /// Makes it from the alpha of the pixels. Returns `None` if all are opaque.
    pub(crate) fn of(width: u32, alpha: impl Iterator<Item = u8>) -> Option<Self> {
        let is_seen_through: Vec<bool> = alpha.map(|alpha| alpha < u8::MAX).collect();
        is_seen_through.contains(&true).then_some(Self {
            width: width as usize,
            is_seen_through,
        })
    }

    /// Returns true if some of these pixels lie in a rectangle.
    pub(crate) fn is_in(&self, rect: Rect) -> bool {
        let rows = self.is_seen_through.chunks_exact(self.width.max(1));
        (0_i64..).zip(rows).any(|(y, row)| {
            (i64::from(rect.y)..rect.bottom()).contains(&y)
                && (0_i64..).zip(row).any(|(x, is_seen_through)| {
                    *is_seen_through && (i64::from(rect.x)..rect.right()).contains(&x)
                })
        })
    }
}
