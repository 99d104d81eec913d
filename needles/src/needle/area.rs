//! The areas of a needle.

use super::click_point::ClickPoint;
use super::margin::Margin;
use super::match_level::MatchLevel;
use super::text_pattern::TextPattern;
use crate::rect::Rect;

/// One rectangle of a needle.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// The recorded rectangle, in pixels of the needle's picture.
    pub rect: Rect,
    /// The purpose of the area.
    pub kind: AreaKind,
    /// The similarity that the area needs.
    pub level: MatchLevel,
    /// The distance that the area may have moved.
    pub margin: Margin,
    /// The click point in the area.
    pub click_point: Option<ClickPoint>,
    /// Gray or colour. Beyond openQA.
    pub channels: Channels,
    /// How the area may move. Beyond openQA.
    pub freedom: Freedom,
    /// The text that must be in the area, if it is a match or an `ocr` area. Beyond openQA.
    pub text: Option<TextPattern>,
}

impl Area {
    /// Returns true if the area decides by its text alone whether the needle is there.
    pub(crate) fn is_read(&self) -> bool {
        self.kind == AreaKind::Ocr && self.text.is_some()
    }

    /// Makes a match area with openQA's defaults: 96 %, 50 pixels.
    pub fn matching(rect: Rect) -> Self {
        Self::of_kind(AreaKind::Match, rect)
    }

    /// Makes an area that is left out of every comparison.
    pub fn exclude(rect: Rect) -> Self {
        Self::of_kind(AreaKind::Exclude, rect)
    }

    pub(crate) fn of_kind(kind: AreaKind, rect: Rect) -> Self {
        Self {
            rect,
            kind,
            level: MatchLevel::DEFAULT,
            margin: Margin::DEFAULT,
            click_point: None,
            channels: Channels::Gray,
            freedom: Freedom::Alone,
            text: None,
        }
    }
}

/// The purpose of an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AreaKind {
    /// The area must be found.
    Match,
    /// The area is painted over in both pictures, at the same place, before they are compared.
    Exclude,
    /// The text of the area may be read. It decides nothing unless the area has a [`TextPattern`].
    Ocr,
    /// An unknown type. openQA ignores such areas silently, too.
    Unknown(String),
}

impl AreaKind {
    /// Returns the type as a needle file writes it, if it is a known one.
    pub(crate) fn known_name(&self) -> Option<&'static str> {
        match self {
            Self::Match => Some("match"),
            Self::Exclude => Some("exclude"),
            Self::Ocr => Some("ocr"),
            Self::Unknown(_) => None,
        }
    }
}

/// The levels that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// Gray levels, as in openQA.
    Gray,
    /// Red, green and blue.
    Colour,
}

impl Channels {
    /// Returns the number of samples of a pixel.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Colour => 3,
        }
    }
}

/// How an area may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freedom {
    /// To its best place within its margin, as in openQA.
    Alone,
    /// Only together with the needle's first match area.
    Anchored,
}
