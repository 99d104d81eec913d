use crate::rect::Rect;

/// An area whose text decides, and what came of reading it.
///
/// This crate reads no text: whoever can does so on the frame at `place` and hands it to [`Outcome::take_text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextMatch {
    /// Which area of the needle, counted from 0 in file order.
    pub area: usize,
    /// The rectangle to read, in pixels of the frame, on which it lies: a match area where it was found, an `ocr` area
    /// where it was recorded or, anchored, as far from there as the first match area has moved.
    pub place: Rect,
    /// What came of it.
    pub reading: TextReading,
}

/// What came of reading a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextReading {
    /// Not read: not yet, or never, since the needle fails without it.
    Unread,
    /// It is what the area must say.
    Fits {
        /// What was read.
        read: String,
    },
    /// It is something else, so the needle fails.
    Differs {
        /// What was read.
        read: String,
    },
    /// It can't be read here, so it decides nothing.
    Skipped {
        /// Why.
        reason: String,
    },
}
