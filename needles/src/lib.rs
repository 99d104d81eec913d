//! openQA needles: reads them and finds them in pictures.
//!
//! This crate takes bytes and returns values. It opens no file, knows no machine and prints nothing.
//!
//! # The folders
//!
//! - `needle`: needles and their file format.
//! - `picture`: pictures, and how two of them differ.
//! - `matcher`: finds needles on a frame. `kernel` has the inner loops. `frame` and `template` hold the data that is
//!   compared, computed on first use. `sketch` rules out most of many needles on a frame, with little memory. `search`
//!   finds the best place of one area. `find` combines the areas of a needle, and `ranking` combines several needles.
//! - `difference`: tells how a screen differs from the nearest needle, if one simple thing explains it.
//! - `problem`: finds needles that can be loaded but are probably a mistake.
//!
//! A folder uses only the folders above it in this list. All folders use `rect`.
//!
//! # The formulas
//!
//! All formulas but the last are os-autoinst's (`ppmclibs/tinycv_impl.cc` and `ppmclibs/tinycv.pm`). They were checked
//! against its shipped matcher.
//!
//! | value | formula | defined in |
//! | --- | --- | --- |
//! | gray | `(3735 B + 19235 G + 9798 R + 16384) >> 15` | `matcher::frame` |
//! | blur | `1 2 1; 2 4 2; 1 2 1` over 16, rounded half up, border mirrored | `matcher::frame` |
//! | similarity | `clamp(0.9 + (40 - MSE) / 380, 0, 1)` | [`Similarity`] |
//! | an area matches | `MSE <= 382 - 380 * level` | [`MatchLevel`] |
//! | margin | `int(margin + ratio * (1024 - margin))` | [`Margin`] |
//! | error of a needle | mean of `(1 - similarity)^2` | [`Outcome`] |
//! | likeness of frames | `10 log10(255^2 * 3 * pixels / SSD)` dB | [`Likeness`] |
//! | lower bound on SSD | sum of `n (mean - mean')^2 + n (deviation - deviation')^2` over blocks | `matcher::search` |

mod difference;
mod matcher;
mod needle;
mod picture;
mod problem;
mod rect;

pub use difference::{Difference, difference};
pub use matcher::{
    AreaMatch, Depth, FrameSketch, NeedleSketch, Outcome, PreparedFrame, PreparedNeedle, Ranking,
    Settled, Similarity, TextMatch, TextReading, best, find, find_if_there, find_to, passing,
};
pub use needle::{
    Area, AreaKind, Channels, ClickPlace, ClickPoint, Freedom, Margin, MatchLevel, Needle,
    NeedleError, NeedleSet, SearchRatio, TextPattern, UnknownClickPoint, Workaround, is_asked_for,
    split_tags,
};
pub use picture::{
    ChangeLevel, Colour, Likeness, Picture, PictureError, Transparency, changed_rect,
};
pub use problem::{NeedleProblem, picture_problems};
pub use rect::{Point, Rect};
