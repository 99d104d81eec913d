//! The mistakes that a needle can have.

use thiserror::Error;

use crate::rect::Rect;

/// A probable mistake in a needle that can be loaded. `area` is the number of the area in the file, counted from 0; the
/// messages count from 1, as `qa needle match` does.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NeedleProblem {
    /// The area does not lie entirely on the picture. A match area like this can never be found.
    #[error("area {n} ({x},{y} {w}x{h}) is not inside the picture of {width}x{height}",
        n = .area + 1, x = .rect.x, y = .rect.y, w = .rect.width, h = .rect.height)]
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
    /// An area that decides nothing, such as an exclude area, is empty or does not lie entirely on the picture. openQA
    /// takes such a needle and skips the area.
    #[error("area {n} of type `{kind}` ({x},{y} {w}x{h}) is not inside the picture of {width}x{height} and is ignored",
        n = .area + 1, x = .rect.x, y = .rect.y, w = .rect.width, h = .rect.height)]
    AreaIgnored {
        /// The number of the area.
        area: usize,
        /// The type in the file.
        kind: String,
        /// Its rectangle.
        rect: Rect,
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
    },
    /// The area has no pixels.
    #[error("area {n} has no pixels", n = .area + 1)]
    AreaEmpty {
        /// The number of the area.
        area: usize,
    },
    /// The area has an unknown type.
    #[error("area {n} has the unknown type `{kind}` and is ignored", n = .area + 1)]
    UnknownType {
        /// The number of the area.
        area: usize,
        /// The type in the file.
        kind: String,
    },
    /// The match level is so low that other content matches, too.
    #[error("area {n} needs only {percent} %; below 60 % unlike things match", n = .area + 1)]
    LevelLow {
        /// The number of the area.
        area: usize,
        /// The level that it states.
        percent: f64,
    },
    /// The match level can never be reached.
    #[error("area {n} needs {percent} %, and more than 100 % is never reached", n = .area + 1)]
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
    #[error("area {n} has transparent pixels, and no screen has: most likely it never matches", n = .area + 1)]
    Transparent {
        /// The number of the area.
        area: usize,
    },
    /// The match level is so high that noise fails it.
    #[error("area {n} needs {percent} %; above 99 % the slightest change fails", n = .area + 1)]
    LevelHigh {
        /// The number of the area.
        area: usize,
        /// The level that it states.
        percent: f64,
    },
    /// The area is so large that a small change in it is missed.
    #[error(
        "area {n} covers {share} % of the picture; in a large area a small change goes unseen", n = .area + 1
    )]
    AreaLarge {
        /// The number of the area.
        area: usize,
        /// The share of the picture, in percent.
        share: u64,
    },
    /// The area shows almost nothing.
    #[error("area {n} has almost no texture, so anything flat of its brightness would match", n = .area + 1)]
    Flat {
        /// The number of the area.
        area: usize,
    },
    /// The picture has the content of the area a second time.
    #[error("area {n} also matches at {x},{y} of its own picture", n = .area + 1, x = .place.x, y = .place.y)]
    Ambiguous {
        /// The number of the area.
        area: usize,
        /// The second place.
        place: Rect,
    },
    /// An exclude area covers a match area completely.
    #[error("area {n} is wholly covered by exclude area {m}", n = .area + 1, m = .exclude + 1)]
    Covered {
        /// The match area.
        area: usize,
        /// The exclude area.
        exclude: usize,
    },
    /// Several exclude areas together cover a match area completely.
    #[error("area {n} is wholly covered by exclude areas, so it matches anything", n = .area + 1)]
    CoveredTogether {
        /// The match area.
        area: usize,
    },
    /// The click point is not in its area.
    #[error("the click point of area {n} lies outside it", n = .area + 1)]
    ClickPointOutside {
        /// The number of the area.
        area: usize,
    },
    /// The click point has a coordinate of 0. openQA refuses such a needle.
    #[error(
        "the click point of area {n} has a coordinate of 0, for which openQA refuses the needle", n = .area + 1
    )]
    ClickPointAtZero {
        /// The number of the area.
        area: usize,
    },
    /// The click point belongs to an area that is never matched.
    #[error("the click point of area {n} has no effect: the area isn't of type `match`", n = .area + 1)]
    ClickPointUnused {
        /// The number of the area.
        area: usize,
    },
    /// The text belongs to an area where it decides nothing.
    #[error("the text of area {n} has no effect: the area is neither of type `match` nor `ocr`", n = .area + 1)]
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
            | Self::Covered { .. }
            | Self::CoveredTogether { .. } => true,
            Self::AreaIgnored { .. }
            | Self::UnknownType { .. }
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

    /// Returns true if the needle is useless, or dangerous, as it is. Other problems may be meant.
    pub fn is_grave(&self) -> bool {
        self.tells_nothing() || matches!(self, Self::Flat { .. } | Self::Transparent { .. })
    }
}
