//! openQA needles: reading them and finding them in a picture.
//!
//! Bytes in, values out: this crate opens no file, knows no machine, prints nothing.
//!
//! # The folders
//!
//! - `needle`: needles and their file format.
//! - `picture`: pictures and how two of them differ.
//! - `matcher`: the search for a needle on a frame. `kernel` has the inner loops; `frame` and `template` have what is
//!   compared, made when it is first needed; `search` finds the best place of one area; `find` puts the areas of a
//!   needle together, and `ranking` several needles.
//! - `problem`: needles that load but are likely a mistake.
//!
//! A later folder uses the earlier ones, never the other way round. All use `rect`.
//!
//! # The formulas
//!
//! All but the last are os-autoinst's (`ppmclibs/tinycv_impl.cc` and `ppmclibs/tinycv.pm`), checked
//! against its shipped matcher.
//!
//! | what | formula | where |
//! | --- | --- | --- |
//! | gray | `(3735 B + 19235 G + 9798 R + 16384) >> 15` | `matcher::frame` |
//! | blur | `1 2 1; 2 4 2; 1 2 1` over 16, rounded half up, border mirrored | `matcher::frame` |
//! | similarity | `clamp(0.9 + (40 - MSE) / 380, 0, 1)` | [`Similarity`] |
//! | passes | `MSE <= 382 - 380 * level` | [`MatchLevel`] |
//! | margin | `int(margin + ratio * (1024 - margin))` | [`Margin`] |
//! | error of a needle | mean of `(1 - similarity)^2` | [`Outcome`] |
//! | likeness of frames | `10 log10(255^2 * 3 * pixels / SSD)` dB | [`Likeness`] |
//! | lower bound on the SSD | `sum over blocks of n (mean - mean')^2 + n (deviation - deviation')^2` | `matcher::search` |

mod matcher;
mod needle;
mod picture;
mod problem;
mod rect;

pub use matcher::{
    AreaMatch, Depth, Outcome, PreparedFrame, PreparedNeedle, Ranking, Settled, Similarity,
    TextMatch, TextReading, best, find, find_if_there, find_to, passing,
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
