//! Areas whose text decides the match.

use crate::rect::Rect;

/// An area whose text decides the match, and the result of reading it.
///
/// This crate cannot read text. The caller reads the frame at `place` and passes the text to [`Outcome::take_text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextMatch {
    /// The number of the area in the needle file, counted from 0.
    pub area: usize,
    /// The rectangle to read, in pixels of the frame. It lies on the frame. A match area is read where it was found. An
    /// `ocr` area is read where it was recorded; if it is anchored, it moves with the first match area.
    pub place: Rect,
    /// The result of reading.
    pub reading: TextReading,
}

/// The result of reading a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextReading {
    /// Not read yet, or never read because the needle fails anyway.
    Unread,
    /// The text is right.
    Fits {
        /// The text that was read.
        read: String,
    },
    /// The text is wrong, so the needle fails.
    Differs {
        /// The text that was read.
        read: String,
    },
    /// The text cannot be read here, so it decides nothing.
    Skipped {
        /// The reason.
        reason: String,
    },
}
