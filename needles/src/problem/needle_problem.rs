use thiserror::Error;

use crate::rect::Rect;

/// Something about a needle that loads but is likely a mistake. `area` counts from 0, in file order.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NeedleProblem {
    /// An area that isn't wholly on the picture; a match area there can never be found.
    #[error("area {area} ({x},{y} {w}x{h}) is not inside the picture of {width}x{height}",
        x = .rect.x, y = .rect.y, w = .rect.width, h = .rect.height)]
    AreaOutside {
        /// Which.
        area: usize,
        /// Its rectangle.
        rect: Rect,
        /// Of the picture.
        width: u32,
        /// Of the picture.
        height: u32,
    },
    /// An area without pixels.
    #[error("area {area} has no pixels")]
    AreaEmpty {
        /// Which.
        area: usize,
    },
    /// A type that nothing knows.
    #[error("area {area} has the unknown type `{kind}` and is ignored")]
    UnknownType {
        /// Which.
        area: usize,
        /// What it says.
        kind: String,
    },
    /// A match level so low that other things match, too.
    #[error("area {area} needs only {percent} %; below 60 % unlike things match")]
    LevelLow {
        /// Which.
        area: usize,
        /// What it says.
        percent: f64,
    },
    /// A match level that nothing reaches.
    #[error("area {area} needs {percent} %, and more than 100 % is never reached")]
    LevelUnreachable {
        /// The number of the area.
        area: usize,
        /// The level that it states.
        percent: f64,
    },
    /// Match levels that everything reaches, in all areas.
    #[error("no area needs more than 0 %, which every screen reaches: the needle is always found")]
    AlwaysFound,
    /// Pixels that are not wholly opaque in a match area.
    #[error("area {area} has transparent pixels, and no screen has: most likely it never matches")]
    Transparent {
        /// The number of the area.
        area: usize,
    },
    /// A match level that noise breaks.
    #[error("area {area} needs {percent} %; above 99 % the slightest change fails")]
    LevelHigh {
        /// Which.
        area: usize,
        /// What it says.
        percent: f64,
    },
    /// An area so large that a small change in it goes unseen.
    #[error(
        "area {area} covers {share} % of the picture; in a large area a small change goes unseen"
    )]
    AreaLarge {
        /// Which.
        area: usize,
        /// In percent.
        share: u64,
    },
    /// An area that shows almost nothing.
    #[error("area {area} has almost no texture, so anything flat of its brightness would match")]
    Flat {
        /// Which.
        area: usize,
    },
    /// An area that its own picture shows a second time.
    #[error("area {area} also matches at {x},{y} of its own picture", x = .place.x, y = .place.y)]
    Ambiguous {
        /// Which.
        area: usize,
        /// The second place.
        place: Rect,
    },
    /// An exclude area that leaves nothing of a match area.
    #[error("area {area} is wholly covered by exclude area {exclude}")]
    Covered {
        /// The match area.
        area: usize,
        /// The exclude area.
        exclude: usize,
    },
    /// A click point that isn't in its area.
    #[error("the click point of area {area} lies outside it")]
    ClickPointOutside {
        /// Which.
        area: usize,
    },
    /// A click point with a coordinate of 0, for which openQA refuses the needle.
    #[error(
        "the click point of area {area} has a coordinate of 0, for which openQA refuses the needle"
    )]
    ClickPointAtZero {
        /// Which.
        area: usize,
    },
    /// A click point on an area that is never matched.
    #[error("the click point of area {area} has no effect: the area isn't of type `match`")]
    ClickPointUnused {
        /// Which.
        area: usize,
    },
    /// A text on an area where it decides nothing.
    #[error("the text of area {area} has no effect: the area is neither of type `match` nor `ocr`")]
    TextUnused {
        /// Which.
        area: usize,
    },
    /// A tag twice.
    #[error("tag `{tag}` is listed twice")]
    TagTwice {
        /// Which.
        tag: String,
    },
    /// A tag that can't be asked for.
    #[error("tag `{tag}` contains a space, so it can't be asked for")]
    TagWithSpace {
        /// Which.
        tag: String,
    },
    /// No way to ask for it.
    #[error("it has no tags, so nothing can ask for it")]
    NoTags,
}

impl NeedleProblem {
    /// Returns whether a needle with it tells nothing: it is never found, or always.
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
