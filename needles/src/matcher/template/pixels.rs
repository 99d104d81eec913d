//! The part of a needle's picture that a template needs.

use crate::picture::Picture;
use crate::rect::Rect;

/// A part of the needle's picture.
#[derive(Debug)]
pub(crate) struct Pixels {
    /// The rectangle of the part in the needle's picture.
    pub(crate) rect: Rect,
    /// The kept picture: the part alone, or the whole picture.
    picture: Picture,
    /// The rectangle of the part in `picture`.
    inside: Rect,
}

/// The whole picture is kept, without a copy, if the part has at least one in so many of its pixels.
const WORTH_THE_WHOLE: u64 = 4;

impl Pixels {
    pub(super) fn cut(picture: &Picture, area: Rect) -> Self {
        let whole = Rect::new(0, 0, picture.width(), picture.height());
        let reached = Rect::new(area.x - 1, area.y - 1, area.width + 2, area.height + 2);
        // The area is not empty and lies on the picture, so the two always intersect.
        let rect = reached.intersection(&whole).unwrap_or(area);
        let part = if rect.pixels() * WORTH_THE_WHOLE < whole.pixels() {
            picture.crop(rect).ok()
        } else {
            None
        };
        match part {
            Some(picture) => Self {
                rect,
                inside: Rect::new(0, 0, rect.width, rect.height),
                picture,
            },
            None => Self {
                rect,
                inside: rect,
                picture: picture.clone(),
            },
        }
    }

    /// Converts a rectangle of the needle's picture to one of the kept picture.
    pub(super) fn placed(&self, rect: Rect) -> Rect {
        Rect {
            x: rect.x - self.rect.x + self.inside.x,
            y: rect.y - self.rect.y + self.inside.y,
            ..rect
        }
    }

    /// Returns the kept picture: the part alone, or the whole picture.
    pub(super) fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Returns the bytes of each row of the part.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let columns = self.inside.x as usize * 3..self.inside.right() as usize * 3;
        let rows = self.inside.y as usize..self.inside.bottom() as usize;
        rows.map(move |y| &self.picture.row(y)[columns.clone()])
    }
}
