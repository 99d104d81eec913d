//! The mistakes that a needle can have.

use thiserror::Error;

use crate::rect::Rect;

/// A probable mistake in a needle that can be loaded. `area` is the number of the area in the file, counted from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NeedleProblem {
    /// The area does not lie entirely on the picture. A match area like this can never be found.
    #[error("area {area} ({x},{y} {w}x{h}) is not inside the picture of {width}x{height}",
        x = .rect.x, y = .rect.y, w = .rect.width, h = .rect.height)]
    AreaOutside {
        /// The number of the area.
        area: usize,
        /// Its rectangle.
        rect: Rect,
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
    },
    /// The area has no pixels.
    #[error("area {area} has no pixels")]
    AreaEmpty {
        /// The number of the area.
        area: usize,
    },
    /// The area has an unknown type.
    #[error("area {area} has the unknown type `{kind}` and is ignored")]
    UnknownType {
        /// The number of the area.
        area: usize,
        /// The type in the file.
        kind: String,
    },
    /// The match level is so low that other content matches, too.
    #[error("area {area} needs only {percent} %; below 60 % unlike things match")]
    LevelLow {
        /// The number of the area.
        area: usize,
        /// The level that it states.
        percent: f64,
    },
    /// The match level can never be reached.
    #[error("area {area} needs {percent} %, and more than 100 % is never reached")]
    LevelUnreachable {
        /// The number of the area.
        area: usize,
        /// The level that it states.
        percent: f64,
    },
    /// Every screen reaches the match levels of all areas.
    #[error("no area needs more than 0 %, which every screen reaches: the needle is always found")]
    AlwaysFound,
    /// A match area has pixels that are not fully opaque.
    #[error("area {area} has transparent pixels, and no screen has: most likely it never matches")]
    Transparent {
        /// The number of the area.
        area: usize,
    },
    /// The match level is so high that noise fails it.
    #[error("area {area} needs {percent} %; above 99 % the slightest change fails")]
    LevelHigh {
        /// The number of the area.
        area: usize,
        /// The level that it states.
        percent: f64,
    },
    /// The area is so large that a small change in it is missed.
    #[error(
        "area {area} covers {share} % of the picture; in a large area a small change goes unseen"
    )]
    AreaLarge {
        /// The number of the area.
        area: usize,
        /// The share of the picture, in percent.
        share: u64,
    },
    /// The area shows almost nothing.
    #[error("area {area} has almost no texture, so anything flat of its brightness would match")]
    Flat {
        /// The number of the area.
        area: usize,
    },
    /// The picture has the content of the area a second time.
    #[error("area {area} also matches at {x},{y} of its own picture", x = .place.x, y = .place.y)]
    Ambiguous {
        /// The number of the area.
        area: usize,
        /// The second place.
        place: Rect,
    },
    /// An exclude area covers a match area completely.
    #[error("area {area} is wholly covered by exclude area {exclude}")]
    Covered {
        /// The match area.
        area: usize,
        /// The exclude area.
        exclude: usize,
    },
    /// The click point is not in its area.
    #[error("the click point of area {area} lies outside it")]
    ClickPointOutside {
        /// The number of the area.
        area: usize,
    },
    /// The click point has a coordinate of 0. openQA refuses such a needle.
    #[error(
        "the click point of area {area} has a coordinate of 0, for which openQA refuses the needle"
    )]
    ClickPointAtZero {
        /// The number of the area.
        area: usize,
    },
    /// The click point belongs to an area that is never matched.
    #[error("the click point of area {area} has no effect: the area isn't of type `match`")]
    ClickPointUnused {
        /// The number of the area.
        area: usize,
    },
    /// The text belongs to an area where it decides nothing.
    #[error("the text of area {area} has no effect: the area is neither of type `match` nor `ocr`")]
    TextUnused {
        /// The number of the area.
        area: usize,
    },
    /// A tag is listed twice.
    #[error("tag `{tag}` is listed twice")]
    TagTwice {
        /// The tag.
        tag: String,
    },
    /// A tag cannot be asked for.
    #[error("tag `{tag}` contains a space, so it can't be asked for")]
    TagWithSpace {
        /// The tag.
        tag: String,
    },
    /// The needle has no tags, so nothing can ask for it.
    #[error("it has no tags, so nothing can ask for it")]
    NoTags,
}

impl NeedleProblem {
    /// Returns true if a needle with this problem proves nothing: it is never found, or always.
    pub fn tells_nothing(&self) -> bool {
        match self {
            Self::AreaOutside { .. }
            | Self::AreaEmpty { .. }
            | Self::LevelUnreachable { .. }
            | Self::AlwaysFound
            | Self::Covered { .. } => true,
            Self::UnknownType { .. }
            | Self::LevelLow { .. }
            | Self::LevelHigh { .. }
            | Self::Transparent { .. }
            | Self::AreaLarge { .. }
            | Self::Flat { .. }
            | Self::Ambiguous { .. }
            | Self::ClickPointOutside { .. }
            | Self::ClickPointAtZero { .. }
            | Self::ClickPointUnused { .. }
            | Self::TextUnused { .. }
            | Self::TagTwice { .. }
            | Self::TagWithSpace { .. }
            | Self::NoTags => false,
        }
    }
}
