use super::click_point::ClickPoint;
use super::margin::Margin;
use super::match_level::MatchLevel;
use super::text_pattern::TextPattern;
use crate::rect::Rect;

/// One rectangle of a needle.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// Where it was recorded, in pixels of the needle's picture.
    pub rect: Rect,
    /// What it is for.
    pub kind: AreaKind,
    /// The similarity it needs.
    pub level: MatchLevel,
    /// How far it may have moved.
    pub margin: Margin,
    /// Where to click in it.
    pub click_point: Option<ClickPoint>,
    /// Compared in colour instead of gray. Beyond openQA.
    pub channels: Channels,
    /// Whether it may move alone. Beyond openQA.
    pub freedom: Freedom,
    /// What must be read in it, if it is a match or an `ocr` area. Beyond openQA.
    pub text: Option<TextPattern>,
}

impl Area {
    /// A match area with openQA's defaults: 96 %, 50 pixels.
    pub fn matching(rect: Rect) -> Self {
        Self::of_kind(AreaKind::Match, rect)
    }

    /// An area that is left out of every comparison.
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

/// What an area is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AreaKind {
    /// It must be found.
    Match,
    /// It is painted over in both pictures, at the same place, before they are compared.
    Exclude,
    /// Its text may be read; it decides nothing unless it has a [`TextPattern`].
    Ocr,
    /// A type that openQA doesn't know either and silently ignores.
    Unknown(String),
}

/// What of the pixels is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// Gray levels, as openQA does.
    Gray,
    /// Red, green and blue.
    Colour,
}

impl Channels {
    /// Numbers a pixel.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Colour => 3,
        }
    }
}

/// Whether an area moves on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freedom {
    /// Wherever it fits best within its margin, as in openQA.
    Alone,
    /// Only as far as the needle's first match area has moved.
    Anchored,
}
