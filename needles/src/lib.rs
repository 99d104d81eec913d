//! openQA needles: reading them and finding them in a picture.
//!
//! Bytes in, values out: this crate opens no file, knows no machine, prints nothing.
//!
//! # The files
//!
//! - A needle: `needle` (the whole), `needle_json` (the file format with all its oddities), `area`, `click_point`,
//!   `level`, `margin`, `text_pattern`, `workaround`, `needle_error` (cannot be used), `needle_problem` and
//!   `picture_problem` (likely a mistake), `needle_set` (tags).
//! - A picture: `picture` with `png`, `ppm` and `draw`; `frame_likeness` (still or changed); `rect`.
//! - Matching, from the outside in: `ranking` (the best of several needles), `outcome` (what came of one), `text_match`
//!   (texts in it that others read), `find` (a needle, area by area), `question` (what is asked of an area), `search`
//!   (its best place), `settled` (which stage ends a search), `sieve` (rules places out by blocks), `beside` (blocks'
//!   features in the order in which one place needs them), `refining` (blocks' sums in place of their bounds),
//!   `lattice` (which places go together), `flatness` (ground of one level), `template` and `template_blocks` (what an
//!   area is compared by), `prepared_needle`, `prepared_frame`, `difference` (what the next frame has new), `planes`
//!   (what a frame is compared by), `strip` (some of its columns), `recycled` (the memory of frames that are gone),
//!   `smooth` (gray and blur), `block_size`, `kernel` (the inner loops).
//!
//! # The formulas
//!
//! All but the last are os-autoinst's (`ppmclibs/tinycv_impl.cc` and `ppmclibs/tinycv.pm`), checked
//! against its shipped matcher.
//!
//! | what | formula | where |
//! | --- | --- | --- |
//! | gray | `(3735 B + 19235 G + 9798 R + 16384) >> 15` | `smooth` |
//! | blur | `1 2 1; 2 4 2; 1 2 1` over 16, rounded half up, border mirrored | `smooth` |
//! | similarity | `clamp(0.9 + (40 - MSE) / 380, 0, 1)` | [`Similarity`] |
//! | passes | `MSE <= 382 - 380 * level` | [`MatchLevel`] |
//! | margin | `int(margin + ratio * (1024 - margin))` | [`Margin`] |
//! | error of a needle | mean of `(1 - similarity)^2` | [`Outcome`] |
//! | likeness of frames | `10 log10(255^2 * 3 * pixels / SSD)` dB | [`Likeness`] |
//! | lower bound on the SSD | `sum over blocks of n (mean - mean')^2 + n (deviation - deviation')^2` | `search` |

mod rect;

mod area;
mod changed_rect;
mod click_point;
mod level;
mod margin;
mod needle;
mod needle_error;
mod needle_json;
mod needle_problem;
mod needle_set;
mod text_match;
mod text_pattern;
mod transparency;
mod workaround;

mod frame_likeness;
mod picture;
mod picture_problem;

mod beside;
mod block_size;
mod difference;
mod find;
mod flatness;
mod kernel;
mod lattice;
mod outcome;
mod planes;
mod prepared_frame;
mod prepared_needle;
mod question;
mod ranking;
mod recycled;
mod refining;
mod search;
mod settled;
mod sieve;
mod smooth;
mod strip;
mod template;
mod template_blocks;

pub use area::{Area, AreaKind, Channels, Freedom};
pub use changed_rect::changed_rect;
pub use click_point::{ClickPlace, ClickPoint, UnknownClickPoint};
pub use find::{Depth, find, find_if_there, find_to};
pub use frame_likeness::{ChangeLevel, Likeness};
pub use level::{MatchLevel, Similarity};
pub use margin::{Margin, SearchRatio};
pub use needle::Needle;
pub use needle_error::NeedleError;
pub use needle_problem::NeedleProblem;
pub use needle_set::{NeedleSet, is_asked_for, split_tags};
pub use outcome::{AreaMatch, Outcome};
pub use picture::{Colour, Picture, PictureError};
pub use picture_problem::picture_problems;
pub use prepared_frame::PreparedFrame;
pub use prepared_needle::PreparedNeedle;
pub use ranking::{Ranking, best, passing};
pub use rect::{Point, Rect};
pub use settled::Settled;
pub use text_match::{TextMatch, TextReading};
pub use text_pattern::TextPattern;
pub use transparency::Transparency;
pub use workaround::Workaround;
